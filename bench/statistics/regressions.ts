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
