import { differenceInterval } from '../../pipeline/evaluation/compare-metrics.ts';
import { createRandom, type Random } from '../../platform/lib/random.ts';
import { findMetric, type MetricFacts } from '../../platform/quality/index.ts';
import { printTable } from './print-table.ts';

/** How often the interval of a difference of AUROC or average precision holds the true one, which is 0 here. */
export function printRankings(): void {
  const settings = [153, 1000].flatMap((count) => [0.1, 0.5].map((share) => ({ count, share })));
  const rows = settings.map(({ count, share }) => {
    const random = createRandom(`rankings ${count} ${share}`);
    const rounds = Math.round(300_000 / (count + 200));
    const names = ['auroc', 'averagePrecision'];
    const covered = names.map(() => 0);
    for (let round = 0; round < rounds; round++) {
      const [ours, theirs] = drawPair(random, count, share);
      for (const [at, name] of names.entries()) {
        const metric = findMetric(name);
        if (!metric) throw new Error(`there is no metric ${name}`);
        const { low, high } = differenceInterval(metric, ours, theirs);
        if ((low ?? -1) <= 0 && 0 <= (high ?? 1)) covered[at] = (covered[at] ?? 0) + 1;
      }
    }
    const percents = covered.map((hits) => ((100 * hits) / rounds).toFixed(1));
    return [count, 100 * share, ...percents];
  });
  printTable(['n', 'rare class %', 'AUROC, coverage %', 'average precision, coverage %'], rows);
}

/** Two models that are equally good and agree for the most part. */
export function drawPair(random: Random, count: number, share: number) {
  const truths = Array.from({ length: count }, (_, index) => index < Math.max(2, share * count));
  const common = truths.map((positive) => random.normal() + (positive ? 1.2 : 0));
  const model = (): MetricFacts => {
    const examples = truths.map((positive, index) => {
      const chance = 1 / (1 + Math.exp(1 - (common[index] ?? 0) - 0.5 * random.normal()));
      const probabilities = [1 - chance, chance];
      return { label: positive ? 'b' : 'a', predicted: chance > 0.5 ? 'b' : 'a', probabilities };
    });
    return { examples, classes: ['a', 'b'], outOfDistribution: null };
  };
  return [model(), model()] as const;
}
