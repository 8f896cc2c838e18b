import { createRandom } from '../../platform/lib/random.ts';
import { renderPValue } from '../../platform/lib/render-p-value.ts';
import { mae } from '../../platform/quality/index.ts';
import type { Comparison, Flip, Prediction, Verdict } from '../../platform/schemas/index.ts';
import { metricDifferences } from './metric-differences.ts';
import type { Pair, Pairs } from './pair-predictions.ts';
import { normal975 } from './statistics/normal.ts';
import { pairedErrors } from './statistics/paired-errors.ts';
import { flipsKept, verdictOf } from './verdict.ts';

/** A difference that matters, as a share of the champion's mean absolute error. */
const relevant = 0.2;

/** Compares two regressions by their absolute errors on the same examples. */
export function compareValues({ pairs, ...unpaired }: Pairs): Comparison {
  const flips = pairs.map(valueFlip).filter(({ before, after }) => before !== after);
  const before = pairs.map(({ label, champion }) => absoluteError(champion, label));
  const after = pairs.map(({ label, candidate }) => absoluteError(candidate, label));
  const differences = after.map((error, index) => error - (before[index] ?? 0));
  const count = pairs.length;
  const test =
    count > 0
      ? pairedErrors(differences, createRandom('comparison'))
      : { value: 0, low: 0, high: 0, pValue: 1 };
  const smallest = (normal975 * deviation(differences)) / Math.sqrt(Math.max(1, count));
  // Fewer than 6 pairs cannot reach 5 % by flipping signs.
  const sensitive = count >= 6 && smallest <= relevant * mean(before);
  const identical = count > 0 && flips.length === 0;
  const verdict = verdictOf(-test.value, test.pValue, sensitive || identical);
  return {
    metric: mae.name,
    verdict,
    reason: reasonOf(verdict, { count, pValue: test.pValue, smallest, champion: mean(before) }),
    examples: count,
    ...unpaired,
    candidate: mean(after),
    champion: mean(before),
    difference: test.value,
    low: test.low,
    high: test.high,
    fixed: differences.filter((difference) => difference < 0).length,
    broken: differences.filter((difference) => difference > 0).length,
    pValue: test.pValue,
    minimumDetectable: smallest,
    metrics: metricDifferences(pairs, mae.name, []),
    classes: [],
    confusion: [],
    confusionDifference: [],
    flips: flips.length,
    flipped: flips.sort(furtherFirst).slice(0, flipsKept),
  };
}

interface Facts {
  readonly count: number;
  readonly pValue: number;
  readonly smallest: number;
  readonly champion: number;
}

function reasonOf(verdict: Verdict, facts: Facts): string {
  if (facts.count === 0) return 'The two test splits share no example.';
  const shared = `Errors on ${facts.count} test examples that both answered`;
  const p = renderPValue(facts.pValue);
  const share = facts.champion > 0 ? (facts.smallest / facts.champion) * 100 : 0;
  const smallest = `${share.toFixed(1)} % of the mean absolute error`;
  if (verdict === 'cannot tell') {
    return `${shared}: chance explains the difference (${p}), and one below ${smallest} cannot be seen.`;
  }
  if (verdict === 'no detectable change') {
    return `${shared}: chance explains the difference (${p}); one of ${smallest} or more would have been seen.`;
  }
  const direction = verdict === 'better' ? 'smaller' : 'larger';
  return `${shared} are ${direction} by more than chance explains (${p}).`;
}

function valueFlip({ label, candidate, champion }: Pair): Flip {
  const beforeConfidence = absoluteError(champion, label);
  const afterConfidence = absoluteError(candidate, label);
  const change =
    afterConfidence < beforeConfidence
      ? 'fixed'
      : afterConfidence > beforeConfidence
        ? 'broken'
        : 'changed';
  const { id, row, digest } = candidate;
  const example = { id, ...(row !== undefined && { row }), digest, label };
  const [before, after] = [champion.predicted, candidate.predicted];
  return { ...example, before, beforeConfidence, after, afterConfidence, change };
}

/** Whose error grew most comes first. */
function furtherFirst(a: Flip, b: Flip): number {
  const growth = (flip: Flip) => flip.afterConfidence - flip.beforeConfidence;
  return growth(b) - growth(a) || (a.id < b.id ? -1 : 1);
}

function absoluteError(prediction: Prediction, label: string): number {
  return Math.abs((prediction.probabilities[0] ?? 0) - Number(label));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
