import type { ProfileBins, ReferenceProfile } from '../../platform/schemas/index.ts';
import { binOf } from '../../platform/transforms/index.ts';
import type { Decided } from './answer.ts';

/** One quantity of the reference data. */
export interface Quantity {
  readonly name: string;
  /** One value per example; null where it is missing. */
  readonly values: readonly (number | string | null)[];
  /** The values that a category may have; null for a number. */
  readonly categories: readonly string[] | null;
}

/** What the reference profile is built from. */
export interface ProfileInputs {
  /** Held-out examples (validation and test), also the ones that the quantities were measured on. */
  readonly reference: readonly Decided[];
  readonly test: readonly Decided[];
  /** Empty for regression. */
  readonly classes: readonly string[];
  readonly quantities: readonly Quantity[];
}

/**
 * Builds the reference profile, with which live traffic is compared. Class ratios are of the predicted classes, because live traffic has
 * no labels. The expected accuracy is the mean calibrated probability of the predicted class on the test
 * split (confidence-based performance estimation, as NannyML does it). Ratios and accuracies are of accepted
 * examples: only those are answered.
 */
export function buildProfile(inputs: ProfileInputs): ReferenceProfile {
  const { reference, classes, quantities } = inputs;
  const answered = reference.filter(({ accepted }) => accepted);
  return {
    version: 1,
    samples: reference.length,
    classRatios: Object.fromEntries(
      classes.map((name) => [name, share(answered, ({ predicted }) => predicted === name)]),
    ),
    ...expectedQuality(inputs),
    refusedRatio: share(reference, ({ accepted }) => !accepted),
    bins: quantities.flatMap((quantity) => buildBins(quantity) ?? []),
  };
}

function expectedQuality({ test, classes }: ProfileInputs) {
  const answered = test.filter(({ accepted }) => accepted);
  if (classes.length === 0 || answered.length === 0)
    return { expectedAccuracy: null, accuracy: null };
  return {
    expectedAccuracy: mean(
      answered.map(
        ({ predicted, probabilities }) => probabilities[classes.indexOf(predicted)] ?? 0,
      ),
    ),
    accuracy: share(answered, ({ row, predicted }) => row.label === predicted),
  };
}

/** Quantiles that become edges: tails of 2.5 % and 10 % or less between. No bin of continuous data is empty. */
const quantiles = [0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975];
const other = 'other';

/** Bins the values of one quantity. @returns null if every value is missing */
export function buildBins({ name, values, categories }: Quantity): ProfileBins | null {
  const kind = categories ? 'category' : 'number';
  const edges = categories
    ? [...categories.filter((value) => value !== other), other]
    : numberEdges(values);
  const empty: ProfileBins = { name, kind, edges, ratios: [] };
  const places = values.flatMap((value) => binOf(empty, value) ?? []);
  if (places.length === 0 || edges.length === 0) return null;
  const bins = categories ? edges.length : edges.length + 1;
  const ratios = Array.from({ length: bins }, (_, bin) => share(places, (place) => place === bin));
  return { ...empty, ratios };
}

/** Distinct edges in rising order, rounded to six digits because they become label values. */
function numberEdges(values: Quantity['values']): number[] {
  const numbers = values
    .flatMap((value) => (value === null || value === '' ? [] : [Number(value)]))
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b);
  const edges = quantiles.flatMap((quantile) => interpolate(numbers, quantile) ?? []);
  return [...new Set(edges.map((edge) => Number(edge.toPrecision(6))))];
}

/** The quantile with linear interpolation between neighbours (Hyndman and Fan's type 7). */
function interpolate(sorted: readonly number[], quantile: number): number | null {
  const position = (sorted.length - 1) * quantile;
  const low = sorted[Math.floor(position)];
  const high = sorted[Math.ceil(position)];
  if (low === undefined || high === undefined) return null;
  return low + (high - low) * (position - Math.floor(position));
}

function share<T>(values: readonly T[], has: (value: T) => boolean): number {
  return values.length === 0 ? 0 : values.filter(has).length / values.length;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
