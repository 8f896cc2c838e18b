import { answerProperty, type Objectives } from '../monitoring/index.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import {
  normalQuantile,
  scoreInterval,
  stabilityBound,
  stabilityIndex,
  totalVariation,
} from '../platform/quality/index.ts';
import type { Proportion, ReferenceProfile } from '../platform/schemas/index.ts';
import type { DriftState, PropertyDrift } from './compare-with-profile.ts';

/** What one version of a model answered. */
export interface AnswerCounts {
  readonly answered: number;
  readonly refused: number;
  /** Accepted answers by class; empty for regression. */
  readonly classes: Readonly<Record<string, number>>;
  /** Sum of the calibrated probabilities of the accepted answers. */
  readonly confidence: number;
  /** Answers that people said something of. */
  readonly judged: {
    readonly all: number;
    readonly wrong: number;
    /** Of those that the model accepted. */
    readonly accepted: number;
    readonly right: number;
  };
}

/** A share that an objective limits, with the end of its interval that is held against the limit. */
export interface JudgedShare {
  readonly hits: number;
  readonly count: number;
  readonly low: number;
  readonly limit: number;
  readonly state: DriftState;
}

/** The verdicts on answers beside their mix. */
export interface AnswerVerdicts {
  /** Inputs unlike the training data. */
  readonly refused: JudgedShare;
  /** The accuracy that the model estimates of its accepted answers; null where it gives no probabilities. */
  readonly confidence: {
    readonly mean: number | null;
    readonly expected: number;
    /** How far the mean falls below by chance. */
    readonly noise: number;
    readonly state: DriftState;
  } | null;
  /** Answers that people said are wrong, of all answers; null for numbers. */
  readonly quality: JudgedShare | null;
  /** The accuracy of those accepted answers that people judged, with its 95 % interval; null where there is none. */
  readonly accuracy: Proportion | null;
}

type Limits = Pick<
  Objectives,
  'confidenceDrop' | 'falseAlarms' | 'fewestInputs' | 'refusalRise' | 'accuracyDrop' | 'drift'
>;

/** The mix of accepted answers against that of the reference data, as one more property; none for regression. */
export function judgeAnswerMix(
  profile: ReferenceProfile,
  { classes }: Pick<AnswerCounts, 'classes'>,
  { drift, falseAlarms, fewestInputs }: Limits,
): PropertyDrift[] {
  const names = Object.keys(profile.classRatios);
  if (names.length === 0) return [];
  const samples = profile.samples * (1 - profile.refusedRatio);
  const live = names.map((name) => ownValue(classes, name) ?? 0);
  const both = { reference: names.map((name) => (profile.classRatios[name] ?? 0) * samples), live };
  const index = stabilityIndex(both);
  const noise = stabilityBound(both, falseAlarms / (profile.bins.length + 1));
  const inputs = live.reduce((sum, count) => sum + count, 0);
  const isDrift = index > Math.max(noise, drift);
  const state = stateOf(isDrift, inputs, fewestInputs);
  const distance = totalVariation(both);
  return [{ property: answerProperty, inputs, missing: 0, index, noise, distance, state }];
}

/** What is judged of answers beside their mix, by the rules that monitoring/rules/model.ts has in PromQL. */
export function judgeAnswers(
  profile: ReferenceProfile,
  counts: AnswerCounts,
  limits: Limits,
): AnswerVerdicts {
  const { answered, refused, judged } = counts;
  const z = normalQuantile(1 - limits.falseAlarms);
  const share = (hits: number, limit: number): JudgedShare => {
    const { low } = scoreInterval(hits, answered, z);
    return {
      ...{ hits, count: answered, low, limit },
      state: stateOf(low > limit, answered, limits.fewestInputs),
    };
  };
  const { accuracy } = profile;
  return {
    refused: share(refused, profile.refusedRatio + limits.refusalRise),
    confidence: judgeConfidence(profile, counts, limits),
    quality: accuracy === null ? null : share(judged.wrong, 1 - accuracy + limits.accuracyDrop),
    accuracy: judged.accepted === 0 ? null : proportionOf(judged.right, judged.accepted),
  };
}

/** A value in [0, 1] with mean m has a variance of at most m · (1 − m). */
function judgeConfidence(
  { expectedAccuracy: expected, samples }: ReferenceProfile,
  { confidence, classes }: AnswerCounts,
  { confidenceDrop, falseAlarms, fewestInputs }: Limits,
): AnswerVerdicts['confidence'] {
  if (expected === null) return null;
  const accepted = Object.values(classes).reduce((sum, count) => sum + count, 0);
  const mean = accepted === 0 ? null : confidence / accepted;
  const z = normalQuantile(1 - falseAlarms);
  const chance = 1 / Math.max(accepted, 1) + 1 / samples;
  const noise = z * Math.sqrt(expected * (1 - expected) * chance);
  const isLow = mean !== null && expected - mean > Math.max(noise, confidenceDrop);
  return { mean, expected, noise, state: stateOf(isLow, accepted, fewestInputs) };
}

function stateOf(isBad: boolean, count: number, fewest: number): DriftState {
  if (count < fewest) return 'insufficient';
  return isBad ? 'drift' : 'ok';
}

function proportionOf(hits: number, count: number): Proportion {
  return { value: hits / count, ...scoreInterval(hits, count, normalQuantile(0.975)), count };
}
