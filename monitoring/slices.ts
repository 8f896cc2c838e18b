import { type ModelRecord, otherLabel, type Row } from '../platform/schemas/index.ts';
import { mostSlices } from './metrics.ts';

/** A part of all inputs: a column that the project declares, and one of its values. */
export interface Slice {
  readonly slice: string;
  readonly value: string;
}

/** A slice with what the model promised for it. */
export interface MeasuredSlice extends Slice {
  /** On the test split. */
  readonly accuracy: number;
}

/**
 * The slices that are counted: those with most examples in the test split, so that what callers send adds no series. Every other
 * value of a declared column is `other`.
 */
export function countedSlices({ evaluation }: Pick<ModelRecord, 'evaluation'>): MeasuredSlice[] {
  return evaluation.slices
    .toSorted((a, b) => b.count - a.count)
    .flatMap(({ slice, value, accuracy }) =>
      accuracy === null ? [] : { slice, value, accuracy: accuracy.value },
    )
    .slice(0, mostSlices);
}

/** Every slice that can be counted, the rest of each column included. */
export function possibleSlices(record: Pick<ModelRecord, 'evaluation'>): Slice[] {
  const rest = sliceNames(record).map((slice) => ({ slice, value: otherLabel }));
  const known = countedSlices(record).filter(({ value }) => value !== otherLabel);
  return [...known.map(({ slice, value }) => ({ slice, value })), ...rest];
}

/** The columns that the project declares as slices, as far as they were measured. */
export function sliceNames({ evaluation }: Pick<ModelRecord, 'evaluation'>): string[] {
  return [...new Set(evaluation.slices.map(({ slice }) => slice))];
}

/**
 * The slices that an example belongs to. What is not known of it is in none.
 *
 * @param named what the sender says of it; it wins
 * @param row the example itself, where it is one of a table
 * @example slicesOf(record, { light: 'evening' }, undefined) // [{ slice: 'light', value: 'evening' }]
 */
export function slicesOf(
  record: Pick<ModelRecord, 'evaluation'>,
  named: Readonly<Record<string, string>>,
  row: Row = {},
): Slice[] {
  const counted = new Set(countedSlices(record).map(keyOf));
  const values: ReadonlyMap<string, unknown> = new Map([
    ...Object.entries(row),
    ...Object.entries(named),
  ]);
  return sliceNames(record).flatMap((slice) => {
    const value = values.get(slice);
    if (value === undefined || value === null) return [];
    const one = { slice, value: String(value) };
    return counted.has(keyOf(one)) ? one : { slice, value: otherLabel };
  });
}

function keyOf({ slice, value }: Slice): string {
  return JSON.stringify([slice, value]);
}
