import type { TableColumn } from '../schemas/index.ts';

/** The part of a category's column that says what its values are to the label. */
export type TargetEncoding = NonNullable<Extract<TableColumn, { kind: 'category' }>['target']>;

/** The training rows' labels as numbers. */
export interface TrainingTargets {
  /**
   * One list for a regression, with the label as it is learnt; one for two classes, with 1 for the second; otherwise one per
   * class, with 1 for it.
   */
  readonly parts: readonly { readonly class?: string; readonly values: ArrayLike<number> }[];
  /** The fold of each row, from 0 to {@link targetFolds} − 1; rows that must not be on both sides of a split share one. */
  readonly folds: ArrayLike<number>;
}

/** The training rows' values of a category. */
export interface TrainingCodes {
  /** The value of each row, −1 where it is missing. */
  readonly codes: ArrayLike<number>;
  /** The values by their codes. */
  readonly values: readonly string[];
}

/** A row is encoded from the labels of the rows in the other folds. */
export const targetFolds = 5;

/** Of more values those with the most rows are kept: the others are rare, and close to the prior. */
const mostValues = 10_000;

/**
 * The mean label of each value of a category, drawn towards the mean of all rows (the prior) the more, the fewer rows the value
 * has and the less values differ: (sum + k · prior) / (rows + k), where k is the variance within values over that between them
 * (H. Bühlmann and E. Straub, "Glaubwürdigkeit für Schadensätze", 1970; for categories D. Micci-Barreca, "A preprocessing scheme
 * for high-cardinality categorical attributes", SIGKDD Explorations 3, 2001).
 */
interface Credibility {
  readonly prior: number;
  /** By code; the prior for a value without a row. */
  readonly means: Float64Array;
}

/** What the training rows say of a category's values, for rows that are not among them. @returns with the values in their order */
export function fitTargets(
  cells: TrainingCodes,
  targets: TrainingTargets,
): { readonly values: string[]; readonly target: TargetEncoding } {
  const kept = keptCodes(cells);
  const fits = targets.parts.map(({ values }) => fitMeans(cells, values, () => true));
  const scales = outOfFold(cells, targets).map((encoded) => scaleOf(cells, encoded));
  return {
    values: kept.map((code) => cells.values[code] ?? ''),
    target: {
      parts: targets.parts.map((part, at) => ({
        ...(part.class !== undefined && { class: part.class }),
        prior: tidy(fits[at]?.prior ?? 0),
        ...(scales[at] ?? { mean: 0, deviation: 1 }),
      })),
      means: kept.map((code) => fits.map(({ means }) => tidy(means[code] ?? 0))),
    },
  };
}

/**
 * The training rows' own encoding, each from the rows of the other folds: with the row's own label in it, the column would give
 * the label away in training and nowhere else.
 *
 * @returns for each part a number per row, before it is scaled
 */
export function outOfFold(cells: TrainingCodes, { parts, folds }: TrainingTargets): Float64Array[] {
  return parts.map(({ values }) => {
    const encoded = new Float64Array(cells.codes.length);
    for (let fold = 0; fold < targetFolds; fold++) {
      const { prior, means } = fitMeans(cells, values, (row) => folds[row] !== fold);
      for (let row = 0; row < encoded.length; row++) {
        if (folds[row] === fold) encoded[row] = means[cells.codes[row] ?? -1] ?? prior;
      }
    }
    return encoded;
  });
}

/** A part of the encoding of a value as the model takes it. @param position of the value; −1 for one that is not known */
export function scaledTarget(
  { parts, means }: TargetEncoding,
  position: number,
  at: number,
): number {
  const part = parts[at];
  return part ? scaledPartOf(part, means[position]?.[at] ?? part.prior) : 0;
}

/** A number that {@link outOfFold} gave, as the model takes it. */
export function scaledPartOf(
  { mean, deviation }: TargetEncoding['parts'][number],
  value: number,
): number {
  return (value - mean) / deviation;
}

function fitMeans(
  { codes, values }: TrainingCodes,
  targets: ArrayLike<number>,
  counts: (row: number) => boolean,
): Credibility {
  const rows = new Float64Array(values.length);
  const sums = new Float64Array(values.length);
  let [squares, all, total] = [0, 0, 0];
  for (let row = 0; row < codes.length; row++) {
    if (!counts(row)) continue;
    const [code, target] = [codes[row] ?? -1, targets[row] ?? 0];
    all += 1;
    total += target;
    if (code < 0) continue;
    rows[code] = (rows[code] ?? 0) + 1;
    sums[code] = (sums[code] ?? 0) + target;
    squares += target * target;
  }
  const prior = all === 0 ? 0 : total / all;
  const weight = credibilityOf(rows, sums, squares);
  const means = sums.map((sum, code) => {
    const count = rows[code] ?? 0;
    // Infinite where values do not differ by more than chance.
    return count === 0 || weight === Number.POSITIVE_INFINITY
      ? prior
      : (sum + weight * prior) / (count + weight);
  });
  return { prior, means };
}

/** The variance within values over that between them, by the moments of an analysis of variance. */
function credibilityOf(rows: Float64Array, sums: Float64Array, squares: number): number {
  let [count, groups, total, explained, sizes] = [0, 0, 0, 0, 0];
  for (const [code, size] of rows.entries()) {
    if (size === 0) continue;
    const sum = sums[code] ?? 0;
    count += size;
    groups += 1;
    total += sum;
    explained += (sum * sum) / size;
    sizes += size * size;
  }
  if (groups < 2 || count <= groups) return Number.POSITIVE_INFINITY;
  const within = Math.max(0, squares - explained) / (count - groups);
  const spread = explained - (total * total) / count;
  const between = (spread - (groups - 1) * within) / (count - sizes / count);
  return between > 0 ? within / between : Number.POSITIVE_INFINITY;
}

/** The codes of the values in the order of their texts. */
function keptCodes({ codes, values }: TrainingCodes): number[] {
  const counts = new Float64Array(values.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] ?? -1;
    if (code >= 0) counts[code] = (counts[code] ?? 0) + 1;
  }
  const byText = [...counts.keys()]
    .filter((code) => counts[code] !== 0)
    .sort((a, b) => ((values[a] ?? '') < (values[b] ?? '') ? -1 : 1));
  if (byText.length <= mostValues) return byText;
  const commonest = byText.toSorted((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0));
  const kept = new Set(commonest.slice(0, mostValues));
  return byText.filter((code) => kept.has(code));
}

/** The mean and deviation of the rows whose value is not missing. */
function scaleOf(
  { codes }: TrainingCodes,
  encoded: Float64Array,
): { mean: number; deviation: number } {
  const present = encoded.filter((_, row) => (codes[row] ?? -1) >= 0);
  const count = Math.max(1, present.length);
  const mean = present.reduce((sum, value) => sum + value, 0) / count;
  const variance = present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const deviation = Math.sqrt(variance);
  return { mean, deviation: deviation > 1e-9 * Math.abs(mean) ? deviation : 1 };
}

/** Without digits that say nothing, since the record holds each mean as text. */
function tidy(value: number): number {
  return Number(value.toPrecision(8));
}
