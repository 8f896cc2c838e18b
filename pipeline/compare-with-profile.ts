import type { Objectives } from '../monitoring/index.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import {
  normalQuantile,
  scoreInterval,
  stabilityBound,
  stabilityIndex,
  totalVariation,
} from '../platform/quality/index.ts';
import type { ProfileBins, ReferenceProfile } from '../platform/schemas/index.ts';
import { binOf } from '../platform/transforms/index.ts';

/** As the reference, not as the reference, or too few inputs to say. */
export type DriftState = 'ok' | 'drift' | 'insufficient';

/** What a verdict depends on beside the data. */
export type DriftLimits = Pick<
  Objectives,
  'drift' | 'falseAlarms' | 'fewestInputs' | 'missing' | 'missingIn'
>;

/** How one property of some inputs compares with the reference data. */
export interface PropertyDrift {
  readonly property: string;
  /** Inputs that have it. */
  readonly inputs: number;
  readonly missing: number;
  /** Population stability index. */
  readonly index: number;
  /** What the index stays below without drift, except in the share of false alarms. */
  readonly noise: number;
  /** Total variation distance of the shares by bin: about the least share of the inputs that are not as the reference. */
  readonly distance: number;
  readonly state: DriftState;
}

/** One property of some inputs. */
export interface MeasuredProperty {
  readonly name: string;
  /** Null, or NaN for a number, where it is missing. */
  readonly values: Iterable<number | string | null>;
  /** How many inputs each value stands for. @default one */
  readonly times?: readonly number[];
}

/**
 * Compares properties of inputs with a model's reference profile, by the rules that monitoring/rules has in PromQL: the same
 * bins, index, noise and chance of a false alarm, which is that of the model and is divided by its properties and the mix of its
 * answers. A property that is missing more often than the objective allows is not as the reference either.
 */
export function compareWithProfile(
  profile: ReferenceProfile,
  properties: readonly MeasuredProperty[],
  limits: DriftLimits,
): PropertyDrift[] {
  return profile.bins.flatMap((bins) => {
    const measured = properties.find(({ name }) => name === bins.name);
    if (!measured) return [];
    const { counts, missing } = countBins(bins, measured);
    return judgeBins(profile, { bins, counts, missing }, limits);
  });
}

/** Inputs of one property by bin. */
export interface CountedProperty {
  readonly bins: ProfileBins;
  readonly counts: readonly number[];
  readonly missing: number;
}

/** The verdict on one property from its counts. */
export function judgeBins(
  profile: ReferenceProfile,
  { bins, counts, missing }: CountedProperty,
  { drift, falseAlarms, fewestInputs, missing: mostMissing, missingIn }: DriftLimits,
): PropertyDrift {
  const answers = Object.keys(profile.classRatios).length > 0 ? 1 : 0;
  const both = { reference: bins.ratios.map((ratio) => ratio * profile.samples), live: counts };
  const index = stabilityIndex(both);
  const noise = stabilityBound(both, falseAlarms / (profile.bins.length + answers));
  const inputs = counts.reduce((sum, count) => sum + count, 0);
  const found: DriftState = index > Math.max(noise, drift) ? 'drift' : 'ok';
  const all = inputs + missing;
  const gaps = scoreInterval(missing, all, normalQuantile(1 - falseAlarms)).low;
  const isMissing = all >= fewestInputs && gaps > (ownValue(missingIn, bins.name) ?? mostMissing);
  const state = isMissing ? 'drift' : inputs < fewestInputs ? 'insufficient' : found;
  const distance = totalVariation(both);
  return { property: bins.name, inputs, missing, index, noise, distance, state };
}

function countBins(bins: ProfileBins, { values, times }: MeasuredProperty) {
  const counts = bins.ratios.map(() => 0);
  let [missing, at] = [0, 0];
  for (const value of values) {
    const place = binOf(bins, value);
    const inputs = times?.[at++] ?? 1;
    if (place === null) missing += inputs;
    else counts[place] = (counts[place] ?? 0) + inputs;
  }
  return { counts, missing };
}

/** The verdict on all: drift where one drifts, insufficient where none does and one cannot be judged. */
export function worstState(properties: readonly Pick<PropertyDrift, 'state'>[]): DriftState {
  const has = (state: DriftState) => properties.some((one) => one.state === state);
  if (has('drift')) return 'drift';
  return has('insufficient') || properties.length === 0 ? 'insufficient' : 'ok';
}
