import { plural } from '../../platform/lib/plural.ts';
import { renderPoints } from '../../platform/lib/render-number.ts';
import { accuracy, confusionOf, holm } from '../../platform/quality/index.ts';
import type { Comparison, Flip, Verdict } from '../../platform/schemas/index.ts';
import { buildComparison } from './build-comparison.ts';
import { type ChosenVerdict, judgeChosen } from './chosen-candidate.ts';
import { compareMetrics, factsOfBoth } from './compare-metrics.ts';
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
import { detectableDifference } from './statistics/detectable-difference.ts';
import { mcnemar } from './statistics/mcnemar.ts';
import { pairedDifference } from './statistics/paired-difference.ts';

/** A difference of accuracy that matters. */
const relevant = 0.05;

/**
 * Compares two classifiers by their right answers.
 *
 * @param classes in the order of the outputs
 */
export function compareClasses(
  given: Pairs,
  classes: readonly string[],
  { candidates, sameModel }: Compared,
): Comparison {
  const { pairs, ...unpaired } = given;
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
  return buildComparison(given, {
    metric: accuracy.name,
    verdict,
    reason: reasonOf(verdict, {
      ...{ fixed, broken, pairs, same, sameModel, detectable, candidates, corrected },
      ...interval,
      ...unpaired,
    }),
    same,
    metrics: compareMetrics(...factsOfBoth(pairs, classes), { name: accuracy.name, ...interval }),
    candidate: count === 0 ? 0 : (right + fixed - broken) / count,
    champion: count === 0 ? 0 : right / count,
    difference: value,
    ...interval,
    fixed,
    broken,
    ...{ error: Math.sqrt(fixed + broken) / count, corrected, candidates },
    detectable,
    classes: classDifferences(pairs, classes),
    ...compareConfusion(pairs, classes),
    differing: flips.map(classFlip).sort(worstFirst),
  });
}

/** How often the candidate says which class of which, and how much more often than the champion. */
function compareConfusion(
  pairs: readonly Pair[],
  classes: readonly string[],
): Pick<Comparison, 'confusion' | 'confusionDifference'> {
  const confusionBy = (model: 'candidate' | 'champion') =>
    confusionOf(
      pairs.map((pair) => ({ label: pair.label, predicted: pair[model].predicted })),
      classes,
    );
  const confusion = confusionBy('candidate');
  return { confusion, confusionDifference: subtract(confusion, confusionBy('champion')) };
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

interface Facts extends SharedFacts {
  readonly fixed: number;
  readonly broken: number;
  readonly detectable: number;
}

function reasonOf(verdict: Verdict, facts: Facts): string {
  const { pairs, same, fixed, broken, low, high } = facts;
  const uncompared = explainUncompared(facts);
  if (uncompared !== null) return uncompared;
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

function classFlip(pair: Pair): Flip {
  const { label, candidate, champion } = pair;
  const change =
    candidate.predicted === label ? 'fixed' : champion.predicted === label ? 'broken' : 'changed';
  return flipOf(pair, change, ({ probabilities }) => Math.max(...probabilities));
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
