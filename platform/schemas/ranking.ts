import { type Static, Type } from 'typebox';
import { nullable } from './atoms.ts';

/** By how much a loss grows, with its 95 % interval. */
export const Growth = Type.Object({
  growth: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
});
export type Growth = Static<typeof Growth>;

/** What a model loses without some columns. */
export const WithoutColumns = Type.Object({
  columns: Type.Array(Type.String()),
  ...Growth.properties,
});
export type WithoutColumns = Static<typeof WithoutColumns>;

/** How much a model of a table needs each column, measured on the validation split. */
export const Ranking = Type.Object({
  /** The loss that grows, by its name in platform/quality/metrics, and what it is with all columns as they are. */
  metric: Type.String(),
  loss: Type.Number(),
  /** Validation examples that were asked, and how often each column was shuffled. */
  examples: Type.Integer(),
  repeats: Type.Integer(),
  /** What shuffling the column's cells among the rows costs, the most first. */
  columns: Type.Array(Type.Object({ column: Type.String(), ...Growth.properties })),
  /** Columns that are not shown to help, and what shuffling all of them at once costs; null if there are none. */
  weak: nullable(WithoutColumns),
  /** Those of them that can be shuffled at once without a cost that is shown; null if there are none. */
  proposed: nullable(WithoutColumns),
  /** What training again without the weak columns cost, each and the proposed ones at once; absent where it was not tried. */
  dropped: Type.Optional(Type.Array(WithoutColumns)),
});
export type Ranking = Static<typeof Ranking>;
