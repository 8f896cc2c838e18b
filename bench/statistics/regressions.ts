import {
  type DetectableShifts,
  detectableShifts,
} from '../../pipeline/evaluation/statistics/detectable-shifts.ts';
import { meanDifference } from '../../pipeline/evaluation/statistics/mean-difference.ts';
import { createRandom, type Random } from '../../platform/lib/random.ts';
import { printTable } from './print-table.ts';

/** Differences of the absolute errors of two models that are equally good, by how they are distributed. */
const distributions: Readonly<Record<string, (random: Random) => number>> = {
  'normal errors': (random) => Math.abs(random.normal()) - Math.abs(random.normal()),
  'heavy tails, t(3)': (random) => Math.abs(student3(random)) - Math.abs(student3(random)),
  'skewed, lognormal(1.2) − mean': (random) => Math.exp(1.2 * random.normal()) - Math.exp(0.72),
  '95 % better by 1, 5 % worse by 19': (random) => (random.next() < 0.05 ? 19 : -1),
};

function student3(random: Random): number {
  const squares = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2;
  return random.normal() / Math.sqrt(squares / 3);
}

/** Verdicts on two regressions that are equally good. Below 60 examples a report says "cannot tell" in any case. */
export function printRegressions(): void {
  const rows = Object.entries(distributions).flatMap(([name, draw]) =>
    [60, 153, 1000].map((count) => {
      const random = createRandom(`regressions ${name} ${count}`);
      const rounds = Math.round(600_000 / (count + 200));
      let [better, worse, covered] = [0, 0, 0];
      for (let round = 0; round < rounds; round++) {
        const differences = Float64Array.from({ length: count }, () => draw(random));
        const { low, high } = meanDifference(differences, random);
        if (high < 0) better++;
        else if (low > 0) worse++;
        else covered++;
      }
      const percent = (hits: number) => ((100 * hits) / rounds).toFixed(1);
      return [name, count, percent(better), percent(worse), percent(covered)];
    }),
  );
  printTable(['differences', 'n', 'better %', 'worse %', 'coverage %'], rows);
}

/**
 * How often the mean differences that a report says are found four times out of five are found in a new sample, if the candidate is
 * better by so much, and if it is worse: where nothing can be told, since nothing else is said then. What is said varies with
 * the sample, so the median stands beside it, and what it would have to be.
 */
export function printRegressionPower(): void {
  const rows = Object.entries(distributions).flatMap(([name, draw]) =>
    [60, 153, 1000].map((count) => {
      const random = createRandom(`regression power ${name} ${count}`);
      const tests: Test[] = [];
      for (let round = 0; round < (count < 1000 ? 2000 : 500); round++) {
        const [seen, next] = [0, 1].map(() =>
          Float64Array.from({ length: count }, () => draw(random)),
        );
        if (!seen || !next) continue;
        const found = meanDifference(seen, random);
        // A sample whose differences are all equal has no interval to speak of.
        if (found.error === 0 || found.low > 0 || found.high < 0) continue;
        tests.push({
          said: detectableShifts(seen, found, random),
          next: meanDifference(next, random),
        });
      }
      const better = cellOf(tests, ({ said, next }) => [said.down, next.high]);
      const worse = cellOf(tests, ({ said, next }) => [said.up, -next.low]);
      return [name, count, ...better, ...worse];
    }),
  );
  printTable(
    [
      ...['differences', 'n', 'better: found %', 'said, median', 'needed'],
      ...['worse: found %', 'said, median', 'needed'],
    ],
    rows,
  );
}

interface Test {
  readonly said: DetectableShifts;
  readonly next: Interval;
}

/** How often what is said suffices, its median, and what suffices four times out of five. */
function cellOf(
  tests: readonly Test[],
  sizes: (test: Test) => readonly [said: number | null, needed: number],
): string[] {
  const pairs = tests.map(sizes).map(([said, needed]) => [said ?? Infinity, needed] as const);
  const found = pairs.filter(([said, needed]) => needed < said).length / pairs.length;
  const at = (share: number, values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? Number.NaN;
  const said = at(
    0.5,
    pairs.map(([one]) => one),
  );
  const needed = at(
    0.8,
    pairs.map(([, one]) => one),
  );
  return [(100 * found).toFixed(1), said.toFixed(2), needed.toFixed(2)];
}

type Interval = ReturnType<typeof meanDifference>;
