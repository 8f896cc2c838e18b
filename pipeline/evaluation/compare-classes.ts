import { renderPValue } from '../../platform/lib/render-p-value.ts';
import { accuracy, confusionOf } from '../../platform/quality/index.ts';
import type { Comparison, Flip, Verdict } from '../../platform/schemas/index.ts';
import { metricDifferences } from './metric-differences.ts';
import type { Pair, Pairs } from './pair-predictions.ts';
import { holm } from './statistics/holm.ts';
import { mcnemar } from './statistics/mcnemar.ts';
import { minimumDetectable, pairedDifference } from './statistics/paired-difference.ts';
import { flipsKept, verdictOf } from './verdict.ts';

/** A difference of accuracy that matters; where a smaller one cannot be seen, the test split is too small. */
const relevant = 0.05;

/** Compares two classifiers by the exact McNemar test. @param classes in the order of the outputs */
export function compareClasses(
  { pairs, ...unpaired }: Pairs,
  classes: readonly string[],
): Comparison {
  const flips = pairs.filter((pair) => pair.candidate.predicted !== pair.champion.predicted);
  const fixed = flips.filter(({ label, candidate }) => candidate.predicted === label).length;
  const broken = flips.filter(({ label, champion }) => champion.predicted === label).length;
  const count = pairs.length;
  const right = pairs.filter(({ label, champion }) => champion.predicted === label).length;
  const { value, ...interval } = pairedDifference(fixed, broken, count);
  const smallest = minimumDetectable(fixed + broken, count);
  const pValue = mcnemar(fixed, broken);
  const verdict = verdictOf(value, pValue, smallest <= relevant);
  const confusionBy = (predicted: (pair: Pair) => string) =>
    confusionOf(
      pairs.map((pair) => ({ label: pair.label, predicted: predicted(pair) })),
      classes,
    );
  const confusion = confusionBy(({ candidate }) => candidate.predicted);
  return {
    metric: accuracy.name,
    verdict,
    reason: reasonOf(verdict, { count, fixed, broken, pValue, smallest }),
    examples: count,
    ...unpaired,
    candidate: count === 0 ? 0 : (right + fixed - broken) / count,
    champion: count === 0 ? 0 : right / count,
    difference: value,
    ...interval,
    fixed,
    broken,
    pValue,
    minimumDetectable: smallest,
    metrics: metricDifferences(pairs, accuracy.name, classes),
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

interface Facts {
  readonly count: number;
  readonly fixed: number;
  readonly broken: number;
  readonly pValue: number;
  readonly smallest: number;
}

function reasonOf(verdict: Verdict, facts: Facts): string {
  const { count, fixed, broken, smallest } = facts;
  if (count === 0) return 'The two test splits share no example.';
  const shared = `${count} test examples that both answered`;
  const flips =
    fixed + broken === 0
      ? `No answer became right or wrong on the ${shared}`
      : `${fixed} answers became right, ${broken} became wrong, of ${shared}`;
  const p = renderPValue(facts.pValue);
  const points = (smallest * 100).toFixed(1);
  const chance = fixed + broken === 0 ? flips : `${flips}: chance explains it (${p})`;
  if (verdict === 'cannot tell') {
    return `${chance}; with so few, a difference below ${points} points cannot be seen.`;
  }
  if (verdict === 'no detectable change') {
    return `${chance}; a difference of ${points} points or more would have been seen.`;
  }
  return `${flips}: more than chance explains (${p}).`;
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
