import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import { DigestSchema, nullable, SplitName } from './atoms.ts';

/** An example of a changed dataset. */
export const ReviewedExample = Type.Object({
  id: Type.String(),
  row: Type.Optional(Type.Integer()),
  digest: DigestSchema,
  label: Type.String(),
  /** The label before; only where it changed. */
  from: Type.Optional(Type.String()),
  split: SplitName,
});
export type ReviewedExample = Static<typeof ReviewedExample>;

/** How many examples, and a few of them. */
const Some = Type.Object({ count: Type.Integer(), shown: Type.Array(ReviewedExample) });

/** A column whose values differ between what was added and what was there. */
export const ColumnDrift = Type.Object({
  column: Type.String(),
  /** Population stability index, and what it stays below 99 of 100 times without any difference. */
  psi: Type.Number(),
  bound: Type.Number(),
  /** The median of numbers, or the share of the category that changed most. */
  before: Type.String(),
  added: Type.String(),
});
export type ColumnDrift = Static<typeof ColumnDrift>;

/** What changed in a dataset, example by example: by content, not by names or places. */
export const DataReview = Type.Object({
  dataset: Type.String(),
  kind: Type.Union([Type.Literal('images'), Type.Literal('table')]),
  before: Type.Integer(),
  after: Type.Integer(),
  added: Some,
  removed: Some,
  /** The same photo, or the same row but for its label. */
  relabelled: Some,
  /** Photos that are the same, with the same label, at another path. */
  moved: Type.Integer(),
  /** Examples that are the same and went to another split. */
  dealtAgain: Type.Integer(),
  /** Rows with the same key of which other cells changed; null without a key. */
  changedRows: nullable(
    Type.Object({
      key: Type.String(),
      count: Type.Integer(),
      shown: Type.Array(Type.Object({ value: Type.String(), columns: Type.Array(Type.String()) })),
    }),
  ),
  splits: dictionary(
    Type.Object({ before: Type.Integer(), after: Type.Integer(), added: Type.Integer() }),
  ),
  drift: Type.Object({ columns: Type.Integer(), found: Type.Array(ColumnDrift) }),
  /** What added photos carry beside their pixels; absent for tables, and in earlier reviews. */
  privacy: Type.Optional(
    Type.Object({
      /** How many added photos were looked at, of how many. */
      examined: Type.Integer(),
      of: Type.Integer(),
      /** What it gives away, how many do, and a few of them; never the value itself. */
      traces: Type.Array(
        Type.Object({
          name: Type.String(),
          count: Type.Integer(),
          examples: Type.Array(Type.String()),
        }),
      ),
    }),
  ),
});
export type DataReview = Static<typeof DataReview>;
