import { type AnswersValue, type Ends, normal975 } from '../../../platform/quality/index.ts';

/** What two models answered to the same example, as places of classes. */
export interface AnswerPair {
  readonly truth: number;
  readonly ours: number;
  readonly theirs: number;
}

/** A difference of less than this is one of rounding: metrics of answers lie between 0 and 1. */
const rounding = 1e-9;

/**
 * The 95 % interval of the difference of two models by a metric that weighs classes alike. Its variance is that of the answers'
 * influences, with flips added: where a rare class has few examples, none or one of them is answered differently, and their spread
 * alone says that next to none ever would be. One flip of each kind is added, as to a single share (Bonett and Price, Statistics in
 * Medicine 31, 2012), but split over the m classes that have examples, as R. Price and D. Bonett split what they add to a linear
 * function of m shares (Computational Statistics and Data Analysis 45, 2004). A whole flip for each class would be far too wide for
 * many classes. The wrong answer of an added flip is every other class alike.
 *
 * @param byAnswers the metric of a table of answers @param classes how many there are
 * @returns both ends equal where all differences are
 * @example answersDifference(balancedAccuracy.byAnswers, [], 2) // { low: 0, high: 0 }
 */
export function answersDifference(
  byAnswers: (confusion: readonly (readonly number[])[]) => AnswersValue,
  pairs: readonly AnswerPair[],
  classes: number,
): Ends {
  const cells = cellsOf(pairs, classes);
  const found = compare(byAnswers, classes, (visit) => visitCells(cells, visit));
  if (!(found.error > rounding)) return { low: found.value, high: found.value };
  const present = [...new Set(cells.map(({ truth }) => truth))];
  const { value, error } = compare(byAnswers, classes, (visit) => {
    visitCells(cells, visit);
    visitAdded(present, classes, visit);
  });
  const half = normal975 * error;
  return {
    low: Math.max(-1, Math.min(found.value, value - half)),
    high: Math.min(1, Math.max(found.value, value + half)),
  };
}

type Visit = (pair: AnswerPair, weight: number) => void;

interface Cell extends AnswerPair {
  weight: number;
}

/** Equal pairs of answers, counted. */
function cellsOf(pairs: readonly AnswerPair[], classes: number): Cell[] {
  const cells = new Map<number, Cell>();
  for (const { truth, ours, theirs } of pairs) {
    const key = (truth * classes + ours) * classes + theirs;
    const cell = cells.get(key);
    if (cell) cell.weight++;
    else cells.set(key, { truth, ours, theirs, weight: 1 });
  }
  return [...cells.values()];
}

function visitCells(cells: readonly Cell[], visit: Visit): void {
  for (const cell of cells) visit(cell, cell.weight);
}

/** Of each class the added flips, one way and the other. */
function visitAdded(present: readonly number[], classes: number, visit: Visit): void {
  const weight = 1 / present.length / (classes - 1);
  for (const truth of present) {
    for (let wrong = 0; wrong < classes; wrong++) {
      if (wrong === truth) continue;
      visit({ truth, ours: truth, theirs: wrong }, weight);
      visit({ truth, ours: wrong, theirs: truth }, weight);
    }
  }
}

/** The difference over weighed pairs of answers, with its standard error. */
function compare(
  byAnswers: (confusion: readonly (readonly number[])[]) => AnswersValue,
  classes: number,
  each: (visit: Visit) => void,
): { readonly value: number; readonly error: number } {
  const table = () => Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const [ours, theirs] = [table(), table()];
  let all = 0;
  each((pair, weight) => {
    add(ours, pair.truth, pair.ours, weight);
    add(theirs, pair.truth, pair.theirs, weight);
    all += weight;
  });
  const [after, before] = [byAnswers(ours), byAnswers(theirs)];
  let squares = 0;
  each(({ truth, ...pair }, weight) => {
    const up = after.influence[truth]?.[pair.ours] ?? 0;
    const down = before.influence[truth]?.[pair.theirs] ?? 0;
    squares += weight * (up - down) ** 2;
  });
  return { value: after.value - before.value, error: Math.sqrt(squares) / Math.max(1, all) };
}

function add(table: readonly number[][], truth: number, predicted: number, weight: number): void {
  const row = table[truth];
  if (row) row[predicted] = (row[predicted] ?? 0) + weight;
}
