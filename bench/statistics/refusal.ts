import { measureRefusal } from '../../pipeline/evaluation/outliers/measure-refusal.ts';
import { createRandom } from '../../platform/lib/random.ts';
import type { RefusalScores } from '../../platform/quality/index.ts';
import { leastHeld } from './attainable.ts';
import { holds, intervalOf } from './coverage.ts';
import { printTable } from './print-table.ts';

const counts = [
  [153, 40],
  [1000, 40],
  [1000, 400],
] as const;
/** So many deviations are genuine inputs above those to refuse, which spread so many times as much. */
const shapes = [
  [1, 1],
  [2.5, 1],
  [3.3, 1],
  [2.5, 2],
] as const;
const rounds = 3000;
/** Of so many scores a value counts as the true one. */
const population = 1_000_000;
const metrics = { auroc: 'outOfDistributionAuroc', fpr95: 'outOfDistributionFpr95' } as const;

/** How often the intervals of what refusal is measured by hold the truth, for normal scores of genuine inputs and of those to refuse. */
export function printRefusal(): void {
  const rows = shapes.flatMap(([apart, spread]) => {
    const random = createRandom(`refusal ${apart} ${spread}`);
    const draw = (count: number, shift: number, times: number) =>
      Array.from({ length: count }, () => times * random.normal() + shift);
    const scores = (inliers: number, outliers: number): RefusalScores => ({
      ...{ inliers: draw(inliers, apart, 1), outliers: draw(outliers, 0, spread) },
    });
    const truth = measureRefusal(scores(population, population), 0);
    return counts.map(([inliers, outliers]) => {
      const found = Array.from({ length: rounds }, () => scores(inliers, outliers)).map(judge);
      const cells = (['auroc', 'fpr95'] as const).flatMap((key) => {
        const [wanted, name] = [truth[key] ?? Number.NaN, metrics[key]];
        const held = found.filter(({ facts }) => {
          const own = intervalOf(name, facts);
          return own !== null && holds(own, wanted);
        });
        const least = leastHeld(found.map(({ measured }) => measured[key] ?? Number.NaN));
        const percents = [held.length / rounds, least].map((part) => (100 * part).toFixed(1));
        return [wanted.toFixed(3), ...percents];
      });
      return [inliers, outliers, spread, ...cells];
    });
  });
  printTable(
    [
      ...['genuine', 'to refuse', 'which spread', 'AUROC', 'held, %', 'least, %'],
      ...['FPR95', 'held, %', 'least, %'],
    ],
    rows,
  );
}

function judge(refusalScores: RefusalScores) {
  const measured = measureRefusal(refusalScores, 0);
  const fitted = { method: 'energy', threshold: 0, acceptance: 0.95, distance: null } as const;
  const outOfDistribution = { ...measured, ...fitted };
  return { measured, facts: { examples: [], classes: [], outOfDistribution, refusalScores } };
}
