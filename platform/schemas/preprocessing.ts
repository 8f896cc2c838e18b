import { type Static, Type } from 'typebox';

export const ImagePreprocessing = Type.Object({
  kind: Type.Literal('image'),
  /** Pixels per side after a centre-crop to a square and a resize. */
  size: Type.Integer(),
  /** The network sees uint8 × scale + offset. */
  scale: Type.Number(),
  offset: Type.Number(),
});
export type ImagePreprocessing = Static<typeof ImagePreprocessing>;

/** A 1 after the column's other numbers where it is missing, otherwise a 0; absent where the network has no such number. */
const gap = Type.Optional(Type.Literal(true));

export const TableColumn = Type.Union([
  Type.Object({
    name: Type.String(),
    kind: Type.Literal('number'),
    /** Statistics of the training split; a missing value becomes `mean`, that is 0 after scaling. */
    mean: Type.Number(),
    deviation: Type.Number(),
    /** The `mean` is the median, the `deviation` follows from the quartiles, and asinh draws in what lies far from them. */
    scaling: Type.Optional(Type.Literal('robust')),
    gap,
  }),
  Type.Object({
    name: Type.String(),
    kind: Type.Literal('category'),
    /** One-hot order; a value outside the list becomes all zeros. */
    values: Type.Array(Type.String()),
    /**
     * Of many values: instead of one-hot or a position, what each is to the label. A value outside the list is encoded by the
     * priors, a missing one too (NaN as trees take it).
     */
    target: Type.Optional(
      Type.Object({
        /** The numbers that a value becomes: one for a regression or two classes, else one per class, each scaled. */
        parts: Type.Array(
          Type.Object({
            class: Type.Optional(Type.String()),
            prior: Type.Number(),
            mean: Type.Number(),
            deviation: Type.Number(),
          }),
        ),
        /** In the order of `values`, the numbers of each before they are scaled. */
        means: Type.Array(Type.Array(Type.Number())),
      }),
    ),
  }),
  Type.Object({
    name: Type.String(),
    /** 1 or −1, and 0 where it is missing; as trees take it 1, 0 or NaN. */
    kind: Type.Literal('boolean'),
    gap,
  }),
  Type.Object({
    name: Type.String(),
    kind: Type.Literal('date'),
    /** The numbers that a date becomes, in this order, each scaled as a column of numbers. */
    parts: Type.Array(
      Type.Object({
        part: Type.Union([
          Type.Literal('year'),
          Type.Literal('month'),
          Type.Literal('weekday'),
          Type.Literal('day'),
        ]),
        mean: Type.Number(),
        deviation: Type.Number(),
      }),
    ),
    gap,
  }),
]);
export type TableColumn = Static<typeof TableColumn>;

export const TablePreprocessing = Type.Object({
  kind: Type.Literal('table'),
  columns: Type.Array(TableColumn),
  /**
   * `codes`, as trees take it: one number per column, a category as its position in `values`, NaN where it is missing
   * or unknown. Without it, as networks take it: one-hot, 0 where it is missing.
   */
  encoding: Type.Optional(Type.Literal('codes')),
});
export type TablePreprocessing = Static<typeof TablePreprocessing>;

export const Preprocessing = Type.Union([ImagePreprocessing, TablePreprocessing]);
export type Preprocessing = Static<typeof Preprocessing>;
