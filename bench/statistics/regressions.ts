import { detectableMean } from '../../pipeline/evaluation/statistics/detectable-difference.ts';
import { meanDifference } from '../../pipeline/evaluation/statistics/mean-difference.ts';
import { createRandom, type Random } from '../../platform/lib/random.ts';
import { shareOf } from './draws.ts';
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
 * How often the mean difference that a report says is found four times out of five is found, if the candidate is better by so
 * much, and if it is worse: errors that are skewed need more in one direction.
 */
export function printRegressionPower(): void {
  const rows = Object.entries(distributions).flatMap(([name, draw]) => {
    const deviation = deviationOf(draw);
    return [60, 153, 1000].map((count) => {
      const printed = detectableMean(deviation / Math.sqrt(count));
      const random = createRandom(`regression power ${name} ${count}`);
      const rounds = count < 1000 ? 400 : 200;
      const find = (shift: number, holds: (interval: Interval) => boolean) =>
        shareOf(rounds, () => {
          const differences = Float64Array.from({ length: count }, () => draw(random) + shift);
          return holds(meanDifference(differences, random));
        });
      return [
        ...[name, count, (printed / deviation).toFixed(3)],
        find(-printed, ({ high }) => high < 0),
        find(printed, ({ low }) => low > 0),
      ];
    });
  });
  printTable(
    ['differences', 'n', 'printed difference, deviations', 'better found %', 'worse found %'],
    rows,
  );
}

type Interval = ReturnType<typeof meanDifference>;

/** The standard deviation of a distribution, from many draws. */
function deviationOf(draw: (random: Random) => number): number {
  const random = createRandom('regression power');
  const draws = Array.from({ length: 1_000_000 }, () => draw(random));
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  const squares = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / draws.length);
}
