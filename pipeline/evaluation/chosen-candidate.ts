import { normalQuantile } from '../../platform/quality/index.ts';
import type { Comparison, Verdict } from '../../platform/schemas/index.ts';
import { type Difference, significance } from './statistics/paired-difference.ts';
import { judgeGain } from './verdict.ts';

/** More candidates are counted as so many: the correction hardly grows, the resampling that it needs does. */
const mostCorrected = 200;

/** A difference, where more is better, and how it was found. */
export interface ChosenGain {
  readonly gain: Difference;
  /** The same difference with an interval of 1 − `level`. */
  readonly gainAt: (level: number) => Difference;
  /** From where on a difference matters. */
  readonly relevant: number;
  /** How many candidates were measured on these examples, this one among them. */
  readonly candidates: number;
}

/** A verdict, and the interval that it follows where that is not the ordinary one. */
export interface ChosenVerdict {
  readonly verdict: Verdict;
  readonly corrected: { readonly low: number; readonly high: number } | null;
}

/**
 * The verdict on a candidate that may have been chosen because it did well on these very examples. The best of 20 equal
 * candidates looks significantly better in every fifth project, so `better` asks for an interval of 1 − 0.05 / candidates
 * that leaves out 0 (Bonferroni: it holds however alike the candidates are; O. J. Dunn, JASA 56, 1961). `worse` needs no
 * correction: choosing the best makes no candidate look worse.
 */
export function judgeChosen({ gain, gainAt, relevant, candidates }: ChosenGain): ChosenVerdict {
  const verdict = judgeGain(gain, relevant);
  if (verdict !== 'better' || candidates <= 1) return { verdict, corrected: null };
  const { low, high, ...rest } = gainAt(significance / Math.min(candidates, mostCorrected));
  const corrected = { low, high };
  return { verdict: judgeGain({ ...rest, ...corrected }, relevant), corrected };
}

/**
 * How much the best of some equally good candidates gains on average by chance. Each is held against the same champion,
 * so half of the variance of a difference is common to all of them; the expected maximum of normal numbers is that of
 * G. Blom, Statistical Estimates and Transformed Beta-Variables, 1958.
 *
 * @param error the standard error of the difference between two of them
 * @example expectedGain(20, 0.0268) // 0.0354…
 */
export function expectedGain(candidates: number, error: number): number {
  if (candidates <= 1) return 0;
  const most = normalQuantile((candidates - 0.375) / (candidates + 0.25));
  return (most * error) / Math.SQRT2;
}

/** What a comparison says of the choice; nothing where there was none. */
export function describeChoice(
  candidates: number,
  error: number,
  corrected: ChosenVerdict['corrected'],
): Pick<Comparison, 'chosen'> {
  if (candidates <= 1 || !Number.isFinite(error)) return {};
  return { chosen: { candidates, gain: expectedGain(candidates, error), corrected } };
}
