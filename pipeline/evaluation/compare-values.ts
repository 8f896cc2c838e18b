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
import { buildComparison } from './build-comparison.ts';
import { type ChosenVerdict, judgeChosen } from './chosen-candidate.ts';
import { compareMetrics, differenceBy, factsOfBoth } from './compare-metrics.ts';
import { flipOf } from './flip-of.ts';
import type { Pair, Pairs } from './pair-predictions.ts';
import {
  type Compared,
  exceptSeen,
  explainUncompared,
  isSame,
  renderChoice,
  type SharedFacts,
} from './shared-examples.ts';
import { type DetectableShifts, detectableShifts } from './statistics/detectable-shifts.ts';
import type { MeanDifference } from './statistics/mean-difference.ts';

/** A difference that matters, as a share of the champion's mean absolute error. */
const relevant = 0.2;

/** Compares two regressions by their absolute errors on the same examples. */
export function compareValues(given: Pairs, compared: Compared): Comparison {
  const { pairs, ...unpaired } = given;
  const flips = pairs.map(valueFlip).filter(({ before, after }) => before !== after);
  const [ours, theirs] = factsOfBoth(pairs, []);
  const same = isSame(pairs);
  const differenceAt = (level?: number) => differenceBy(mae, ours, theirs, level);
  const difference = pairs.length > 0 ? differenceAt() : unknown;
  const metrics = compareMetrics(ours, theirs, { name: mae.name, ...difference });
  const [candidate, champion] = [mae.measure(ours), mae.measure(theirs)];
  const measured = { pairs, same, champion, difference, differenceAt, ...compared };
  const { verdict, corrected } = judgeErrors(measured);
  const detectable = detectableOf(pairs, difference);
  const facts = { ...measured, metrics, detectable, corrected, ...difference, ...unpaired };
  return buildComparison(given, {
    metric: mae.name,
    verdict,
    reason: reasonOf(verdict, facts),
    ...{ same, metrics, candidate, champion },
    difference: difference.value,
    low: difference.low,
    high: difference.high,
    fixed: flips.filter(({ change }) => change === 'fixed').length,
    broken: flips.filter(({ change }) => change === 'broken').length,
    pValue: difference.error > 0 ? difference.pValue : 1,
    error: pairs.length > 0 ? difference.error : Infinity,
    ...{ corrected, candidates: compared.candidates },
    detectable: Math.max(detectable.down ?? 0, detectable.up ?? 0),
    ...{ classes: [], confusion: [], confusionDifference: [] },
    differing: flips.sort(furtherFirst),
  });
}

interface MeasuredErrors extends Compared {
  readonly pairs: readonly Pair[];
  readonly same: boolean;
  readonly champion: number;
  readonly difference: MeanDifference;
  readonly differenceAt: (level: number) => MeanDifference;
}

/** The verdict on errors, and its interval as one of errors; none where they are too few, or all differ by the same. */
function judgeErrors({ difference, differenceAt, ...measured }: MeasuredErrors): ChosenVerdict {
  const { pairs, same, sameModel, champion, candidates } = measured;
  const enough = sameModel || (pairs.length >= fewestForMeans && (same || difference.error > 0));
  if (!enough) return { verdict: 'cannot tell', corrected: null };
  if (same || sameModel) return { verdict: 'no detectable change', corrected: null };
  const { verdict, corrected } = judgeChosen({
    gain: reverse(difference),
    gainAt: (level) => reverse(differenceAt(level)),
    relevant: relevant * champion,
    candidates,
  });
  return { verdict, corrected: corrected && reverse(corrected) };
}

/** A report holds no infinite numbers. */
const unknown = { value: 0, low: 0, high: 0, pValue: 1, error: 0 };

/** An interval of errors as one of gains, and back: less is better. */
function reverse<Interval extends { readonly low: number; readonly high: number }>(
  interval: Interval,
): Interval {
  return { ...interval, low: -interval.high, high: -interval.low };
}

interface Facts extends SharedFacts {
  readonly metrics: readonly MetricComparison[];
  readonly champion: number;
  readonly detectable: DetectableShifts;
  readonly value: number;
  readonly error: number;
}

function reasonOf(verdict: Verdict, facts: Facts): string {
  const { pairs, same, champion } = facts;
  const uncompared = explainUncompared(facts);
  if (uncompared !== null) return uncompared;
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

function valueFlip(pair: Pair): Flip {
  const errorOf = (answer: Prediction) => absoluteError(answer, pair.label);
  const [before, after] = [errorOf(pair.champion), errorOf(pair.candidate)];
  const change = after < before ? 'fixed' : after > before ? 'broken' : 'changed';
  return flipOf(pair, change, errorOf);
}

/** Whose error grew most comes first. */
function furtherFirst(a: Flip, b: Flip): number {
  const growth = (flip: Flip) => flip.afterConfidence - flip.beforeConfidence;
  return growth(b) - growth(a) || (a.id < b.id ? -1 : 1);
}

function absoluteError(prediction: Prediction, label: string): number {
  return Math.abs((prediction.probabilities[0] ?? 0) - Number(label));
}
