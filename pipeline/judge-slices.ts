import {
  type MeasuredSlice,
  mostSlices,
  type Objectives,
  type Slice,
} from '../monitoring/index.ts';
import { normalQuantile, scoreInterval } from '../platform/quality/index.ts';
import type { DriftState } from './compare-with-profile.ts';

/** Answers that people judged. */
export interface Judged {
  readonly all: number;
  readonly right: number;
}

/** How a model does in a part of its inputs, as people prove it. */
export interface SliceVerdict extends Slice {
  readonly judged: number;
  readonly right: number;
  /** The interval of the share right, which holds for all slices of a model together. */
  readonly low: number;
  readonly high: number;
  /** The accuracy on the test split, or of all answers that people judged where that is lower. */
  readonly expected: number;
  readonly state: DriftState;
}

/**
 * Whether a model is worse in its slices than its test split promised and than in what else people judged, by the rules that
 * monitoring/rules/model.ts has in PromQL.
 *
 * @param promised by the test split, of slices that it has
 * @returns a verdict for each slice of which something was judged, in the order of `counted`
 */
export function judgeSlices(
  counted: readonly (Slice & Judged)[],
  all: Judged,
  promised: readonly MeasuredSlice[],
  { falseAlarms, accuracyDrop, fewestJudged }: Objectives,
): SliceVerdict[] {
  const z = normalQuantile(1 - falseAlarms / mostSlices);
  const share = all.right / all.all;
  return counted
    .filter((one) => one.all > 0)
    .map(({ slice, value, all: judged, right }) => {
      const { low, high } = scoreInterval(right, judged, z);
      const own = promised.find((one) => one.slice === slice && one.value === value)?.accuracy;
      const expected = Math.min(own ?? share, share);
      const isWorse = high < expected - accuracyDrop;
      const known: DriftState = isWorse ? 'drift' : 'ok';
      const state = judged < fewestJudged ? 'insufficient' : known;
      return { slice, value, judged, right, low, high, expected, state };
    });
}
