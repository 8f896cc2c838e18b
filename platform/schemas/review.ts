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

/** Two photos that are nearly the same, and no copies byte by byte. */
export const NearPair = Type.Object({
  first: ReviewedExample,
  second: ReviewedExample,
  distance: Type.Number(),
  /** Whether the champion's data had neither, or only one of them; absent without a champion. */
  added: Type.Optional(Type.Boolean()),
});
export type NearPair = Static<typeof NearPair>;

/** Photos of a dataset that are nearly the same, by distances that were tried on copies made on purpose. */
export const NearDuplicates = Type.Object({
  space: Type.Union([Type.Literal('features'), Type.Literal('pixels')]),
  examined: Type.Integer(),
  of: Type.Integer(),
  trial: Type.Object({
    /** Altered copies of some photos, and the share of them that is nearer to its photo than `within`. */
    copies: Type.Integer(),
    found: Type.Number(),
    /** How often a copy is nearer to its photo than a photo is to the fifth nearest of the others. */
    nearer: Type.Number(),
    informs: Type.Boolean(),
  }),
  within: Type.Number(),
  pairs: Type.Integer(),
  /** Those of them in two splits, of two labels, and with an added photo. */
  across: Type.Integer(),
  labels: Type.Integer(),
  added: Type.Integer(),
  /** Those across splits first, then the nearest. */
  shown: Type.Array(NearPair),
});
export type NearDuplicates = Static<typeof NearDuplicates>;

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
