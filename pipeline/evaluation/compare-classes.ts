import { plural } from '../../platform/lib/plural.ts';
import { renderPoints } from '../../platform/lib/render-number.ts';
import { accuracy, confusionOf, holm } from '../../platform/quality/index.ts';
import type { Comparison, Flip, Verdict } from '../../platform/schemas/index.ts';
import { type ChosenVerdict, describeChoice, judgeChosen } from './chosen-candidate.ts';
import { compareMetrics, factsOf } from './compare-metrics.ts';
import type { Pair, Pairs, Seen } from './pair-predictions.ts';
import {
  type Compared,
  exceptSeen,
  explainNone,
  explainSameModel,
  isSame,
  renderChoice,
} from './shared-examples.ts';
import { detectableDifference } from './statistics/detectable-difference.ts';
import { mcnemar } from './statistics/mcnemar.ts';
import { pairedDifference } from './statistics/paired-difference.ts';
import { flipsKept } from './verdict.ts';

/** A difference of accuracy that matters. */
const relevant = 0.05;

/**
 * Compares two classifiers by their right answers.
 *
 * @param classes in the order of the outputs
 */
export function compareClasses(
  { pairs, ...unpaired }: Pairs,
  classes: readonly string[],
  { candidates, sameModel }: Compared,
): Comparison {
  const flips = pairs.filter((pair) => pair.candidate.predicted !== pair.champion.predicted);
  const fixed = flips.filter(({ label, candidate }) => candidate.predicted === label).length;
  const broken = flips.filter(({ label, champion }) => champion.predicted === label).length;
  const count = pairs.length;
  const right = pairs.filter(({ label, champion }) => champion.predicted === label).length;
  const gainAt = (level?: number) => pairedDifference(fixed, broken, count, level);
  const gain = gainAt();
  const { value, ...interval } = gain;
  const detectable = detectableDifference(fixed + broken, count);
  const same = isSame(pairs);
  const judged: ChosenVerdict = sameModel
    ? { verdict: 'no detectable change', corrected: null }
    : judgeChosen({ gain, gainAt, relevant, candidates });
  const { verdict, corrected } = judged;
  const confusionBy = (predicted: (pair: Pair) => string) =>
    confusionOf(
      pairs.map((pair) => ({ label: pair.label, predicted: predicted(pair) })),
      classes,
    );
  const confusion = confusionBy(({ candidate }) => candidate.predicted);
  return {
    metric: accuracy.name,
    verdict,
    reason: reasonOf(verdict, {
      ...{ fixed, broken, pairs, same, sameModel, detectable, candidates, corrected },
      ...interval,
      ...unpaired,
    }),
    examples: count,
    ...unpaired,
    same,
    metrics: compareMetrics(
      factsOf(pairs, classes, ({ candidate }) => candidate),
      factsOf(pairs, classes, ({ champion }) => champion),
      { name: accuracy.name, ...interval },
    ),
    candidate: count === 0 ? 0 : (right + fixed - broken) / count,
    champion: count === 0 ? 0 : right / count,
    difference: value,
    ...interval,
    fixed,
    broken,
    ...describeChoice(candidates, Math.sqrt(fixed + broken) / count, corrected),
    detectable,
    classes: classDifferences(pairs, classes),
    confusion,
    confusionDifference: subtract(
      confusion,
      confusionBy(({ champion }) => champion.predicted),
    ),
    flips: flips.length,
    flipped: flips.map(flipOf).sort(worstFirst).slice(0, flipsKept),
  };
}

/** Each class by a test of its own, corrected for how many there are. */
function classDifferences(
  pairs: readonly Pair[],
  classes: readonly string[],
): Comparison['classes'] {
  const counted = classes.map((name) => {
    const own = pairs.filter(({ label }) => label === name);
    const right = (model: 'candidate' | 'champion') =>
      own.filter((pair) => pair[model].predicted === name);
    const both = right('candidate').filter(({ champion }) => champion.predicted === name).length;
    const [fixed, broken] = [right('candidate').length - both, right('champion').length - both];
    return { class: name, examples: own.length, fixed, broken };
  });
  const corrected = holm(counted.map(({ fixed, broken }) => mcnemar(fixed, broken)));
  return counted.map((one, index) => ({ ...one, pValue: corrected[index] ?? 1 }));
}

interface Facts extends Seen {
  readonly pairs: readonly Pair[];
  readonly same: boolean;
  readonly sameModel: boolean;
  readonly fixed: number;
  readonly broken: number;
  readonly low: number;
  readonly high: number;
  readonly detectable: number;
  readonly candidates: number;
  readonly corrected: ChosenVerdict['corrected'];
}

function reasonOf(verdict: Verdict, facts: Facts): string {
  const { pairs, same, fixed, broken, low, high } = facts;
  if (facts.sameModel) return explainSameModel;
  if (pairs.length === 0) return explainNone(facts);
  if (same) {
    const shared = `${plural(pairs.length, 'shared test example')}${exceptSeen(facts)}`;
    const few = verdict === 'cannot tell' ? ': too few to tell' : '';
    return `The same answers to all ${shared}${few}.`;
  }
  const flips = `${fixed} fixed, ${broken} broken of ${pairs.length} shared test examples${exceptSeen(facts)}`;
  const interval = `the accuracy differs by ${renderPoints(low)} to ${renderPoints(high)} (95 % interval${renderChoice(facts, renderPoints)})`;
  if (verdict !== 'cannot tell' || facts.corrected) return `${flips}: ${interval}.`;
  const points = (facts.detectable * 100).toFixed(1);
  return `${flips}: ${interval}. With so few, a difference of ${points} points is found four times out of five.`;
}

function subtract(a: readonly number[][], b: readonly number[][]): number[][] {
  return a.map((row, index) => row.map((value, column) => value - (b[index]?.[column] ?? 0)));
}

function flipOf({ label, candidate, champion }: Pair): Flip {
  const change =
    candidate.predicted === label ? 'fixed' : champion.predicted === label ? 'broken' : 'changed';
  return {
    id: candidate.id,
    ...(candidate.row !== undefined && { row: candidate.row }),
    digest: candidate.digest,
    label,
    before: champion.predicted,
    beforeConfidence: Math.max(...champion.probabilities),
    after: candidate.predicted,
    afterConfidence: Math.max(...candidate.probabilities),
    change,
  };
}

const changeOrder = { broken: 0, changed: 1, fixed: 2 } as const;

/** Broken before merely changed before fixed; the surest new answer first. */
function worstFirst(a: Flip, b: Flip): number {
  return (
    changeOrder[a.change] - changeOrder[b.change] ||
    b.afterConfidence - a.afterConfidence ||
    (a.id < b.id ? -1 : 1)
  );
}
