import type { Comparison, Flip } from '../../platform/schemas/index.ts';
import { type ChosenVerdict, describeChoice } from './chosen-candidate.ts';
import type { Pairs } from './pair-predictions.ts';
import { flipsKept } from './verdict.ts';

/** What is found differently for classifiers, by right answers, and for regressions, by errors. */
export interface Found
  extends Omit<
    Comparison,
    'examples' | keyof Omit<Pairs, 'pairs'> | 'chosen' | 'flips' | 'flipped'
  > {
  /** The standard error of the difference. */
  readonly error: number;
  readonly corrected: ChosenVerdict['corrected'];
  /** How many candidates were measured on these examples. */
  readonly candidates: number;
  /** The answers that differ, those that a reader should see first. */
  readonly differing: readonly Flip[];
}

/** A comparison of two models: what their kind of task found, with what every comparison says of examples, choice and flips. */
export function buildComparison(
  { pairs, ...unpaired }: Pairs,
  { error, corrected, candidates, differing, ...found }: Found,
): Comparison {
  return {
    ...found,
    examples: pairs.length,
    ...unpaired,
    ...describeChoice(candidates, error, corrected),
    flips: differing.length,
    flipped: differing.slice(0, flipsKept),
  };
}
