import { createRandom } from '../../platform/lib/random.ts';
import { renderNumber, renderRelative } from '../../platform/lib/render-number.ts';
import { fewestForMeans, mae, rmse } from '../../platform/quality/index.ts';
import type {
  Comparison,
  Flip,
  MetricComparison,
  Prediction,
  Verdict,
} from '../../platform/schemas/index.ts';
import { type ChosenVerdict, describeChoice, judgeChosen } from './chosen-candidate.ts';
import { compareMetrics, differenceBy, factsOf } from './compare-metrics.ts';
import type { Pair, Pairs, Seen } from './pair-predictions.ts';
import {
  type Compared,
  exceptSeen,
  explainNone,
  explainSameModel,
  isSame,
  renderChoice,
} from './shared-examples.ts';
import { type DetectableShifts, detectableShifts } from './statistics/detectable-shifts.ts';
import type { MeanDifference } from './statistics/mean-difference.ts';
import { flipsKept } from './verdict.ts';

/** A difference that matters, as a share of the champion's mean absolute error. */
const relevant = 0.2;

/** Compares two regressions by their absolute errors on the same examples. */
export function compareValues(
  { pairs, ...unpaired }: Pairs,
  { candidates, sameModel }: Compared,
): Comparison {
  const flips = pairs.map(valueFlip).filter(({ before, after }) => before !== after);
  const [ours, theirs] = [
    factsOf(pairs, [], ({ candidate }) => candidate),
    factsOf(pairs, [], ({ champion }) => champion),
  ];
  const same = isSame(pairs);
  const differenceAt = (level?: number) => differenceBy(mae, ours, theirs, level);
  const difference = pairs.length > 0 ? differenceAt() : unknown;
  const metrics = compareMetrics(ours, theirs, { name: mae.name, ...difference });
  const [candidate, champion] = [mae.measure(ours), mae.measure(theirs)];
  const judged =
    same || sameModel
      ? ({ verdict: 'no detectable change', corrected: null } as const)
      : judgeChosen({
          gain: reverse(difference),
          gainAt: (level) => reverse(differenceAt(level)),
          relevant: relevant * champion,
          candidates,
        });
  const detectable = detectableOf(pairs, difference);
  const enough = sameModel || (pairs.length >= fewestForMeans && (same || difference.error > 0));
  const verdict = enough ? judged.verdict : 'cannot tell';
  const corrected = enough && judged.corrected ? reverse(judged.corrected) : null;
  const choice = { candidates, corrected };
  const facts = {
    pairs,
    same,
    sameModel,
    metrics,
    champion,
    detectable,
    ...choice,
    ...difference,
    ...unpaired,
  };
  return {
    metric: mae.name,
    verdict,
    reason: reasonOf(verdict, facts),
    examples: pairs.length,
    ...unpaired,
    same,
    metrics,
    candidate,
    champion,
    difference: difference.value,
    low: difference.low,
    high: difference.high,
    fixed: flips.filter(({ change }) => change === 'fixed').length,
    broken: flips.filter(({ change }) => change === 'broken').length,
    pValue: difference.error > 0 ? difference.pValue : 1,
    ...describeChoice(candidates, pairs.length > 0 ? difference.error : Infinity, corrected),
    detectable: Math.max(detectable.down ?? 0, detectable.up ?? 0),
    classes: [],
    confusion: [],
    confusionDifference: [],
    flips: flips.length,
    flipped: flips.sort(furtherFirst).slice(0, flipsKept),
  };
}

/** A report holds no infinite numbers. */
const unknown = { value: 0, low: 0, high: 0, pValue: 1, error: 0 };

/** An interval of errors as one of gains, and back: less is better. */
function reverse<Interval extends { readonly low: number; readonly high: number }>(
  interval: Interval,
): Interval {
  return { ...interval, low: -interval.high, high: -interval.low };
}

interface Facts extends Seen {
  readonly pairs: readonly Pair[];
  readonly same: boolean;
  readonly sameModel: boolean;
  readonly metrics: readonly MetricComparison[];
  readonly champion: number;
  readonly detectable: DetectableShifts;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly error: number;
  readonly candidates: number;
  readonly corrected: ChosenVerdict['corrected'];
}

function reasonOf(verdict: Verdict, facts: Facts): string {
  const { pairs, same, champion } = facts;
  if (facts.sameModel) return explainSameModel;
  if (pairs.length === 0) return explainNone(facts);
  const shared = `${pairs.length} shared test examples${exceptSeen(facts)}`;
  if (pairs.length < fewestForMeans)
    return `${shared} are too few: at least ${fewestForMeans} are needed.`;
  if (same) return `The same answers to all ${shared}.`;
  const share = (value: number) => renderRelative(champion > 0 ? value / champion : 0);
  if (facts.error === 0) {
    return `On ${shared} every error differs by the same (${share(facts.value)}): that does not tell how much others would differ.`;
  }
  const found = `On ${shared} the mean absolute error differs by ${share(facts.low)} to ${share(facts.high)} (95 % interval${renderChoice(facts, share)})${renderRoot(facts.metrics)}.`;
  if (verdict !== 'cannot tell' || facts.corrected) return found;
  const { down, up } = facts.detectable;
  if (down === up && down !== null) {
    return `${found} With so few, a difference of ${share(down)} is found four times out of five.`;
  }
  const shifts = [
    ...(down === null ? [] : [`lower by ${share(down)}`]),
    ...(up === null ? [] : [`higher by ${share(up)}`]),
  ];
  if (shifts.length === 0) return `${found} Rare large errors decide: more examples are needed.`;
  // No sample tells how often that is: four times out of five are meant, 69 to 96 % were measured (bench/RESULTS.md).
  return `${found} Rare large errors decide: with so few, one that is ${shifts.join(' or ')} is found about seven to nine times out of ten.`;
}

/** The differences that would be found four times out of five. */
function detectableOf(pairs: readonly Pair[], difference: MeanDifference): DetectableShifts {
  const differences = pairs.map(
    ({ label, candidate, champion }) =>
      absoluteError(candidate, label) - absoluteError(champion, label),
  );
  return detectableShifts(differences, difference, createRandom('detectable'));
}

/** Large errors weigh more in the root mean square: a model may be better on average and far off more often. */
function renderRoot(metrics: readonly MetricComparison[]): string {
  const root = metrics.find(({ name }) => name === rmse.name);
  if (!root) return '';
  return `; the root mean squared error goes from ${renderNumber(root.champion)} to ${renderNumber(root.candidate)}`;
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
