import { comparePredictions } from '../../pipeline/evaluation/compare-predictions.ts';
import { spreadSeeds } from '../../pipeline/evaluation/measure-seeds.ts';
import { describeSeedNoise } from '../../pipeline/evaluation/seed-noise.ts';
import { pairedDifference } from '../../pipeline/evaluation/statistics/paired-difference.ts';
import { createRandom, type Random } from '../../platform/lib/random.ts';
import type { SeedSpread } from '../../platform/schemas/index.ts';
import { printTable } from './print-table.ts';

interface Setting {
  readonly count: number;
  /** Standard deviation of a seed's luck, in logits. */
  readonly luck: number;
  readonly seeds: readonly [candidate: number, champion: number];
}

const empty = comparePredictions([], [], ['a', 'b']);

/** Two ways to train, of which each seed makes a model of its own luck: equally good ones, and one that is 5 points better. */
export function printSeeds(): void {
  const settings = [150, 1000].flatMap((count) =>
    [0, 0.2, 0.6].flatMap((luck) =>
      [[3, 3] as const, [5, 5] as const, [5, 1] as const].map((seeds) => ({ count, luck, seeds })),
    ),
  );
  const rows = settings.map((setting) => {
    const random = createRandom(`seeds ${JSON.stringify(setting)}`);
    const rounds = setting.count > 500 ? 400 : 1000;
    let [alone, over, found, spread] = [0, 0, 0, 0];
    for (let round = 0; round < rounds; round++) {
      const equal = judge(setting, 0, random);
      if (equal.alone) alone++;
      if (equal.over) over++;
      spread += equal.deviation;
      if (judge(setting, -0.65, random).over) found++;
    }
    const percent = (hits: number) => ((100 * hits) / rounds).toFixed(1);
    return [
      ...[setting.count, ((100 * spread) / rounds).toFixed(1), setting.seeds.join(' / ')],
      ...[percent(alone), percent(over), percent(found)],
    ];
  });
  printTable(
    [
      ...['n', 'seeds differ by, points', 'seeds'],
      ...['one model each: better or worse %', 'over seeds: better or worse %'],
      'over seeds: 5 points found %',
    ],
    rows,
  );
}

/** Whether a difference is seen between the first two models, and between what trains them. */
function judge({ count, luck, seeds }: Setting, shift: number, random: Random) {
  const hard = Array.from({ length: count }, () => -2.2 + 1.5 * random.normal());
  const train = (models: number, better: number) =>
    Array.from({ length: models }, () => {
      const own = better + luck * random.normal();
      return hard.map((logit) => random.next() < 1 / (1 + Math.exp(-(logit + own))));
    });
  const [ours, theirs] = [train(seeds[0], shift), train(seeds[1], 0)];
  const [mine = [], other = []] = [ours[0], theirs[0]];
  const fixed = mine.filter((wrong, index) => !wrong && other[index]).length;
  const broken = mine.filter((wrong, index) => wrong && !other[index]).length;
  const { value, low, high } = pairedDifference(fixed, broken, count);
  const [candidate, champion] = [rightOf(mine), rightOf(other)];
  const metric = { name: 'accuracy', candidate, champion, difference: value, low, high };
  const noise = describeSeedNoise({
    ...{ task: 'tabular-classification', classes: ['a', 'b'], predictions: [], sameData: true },
    comparison: { ...empty, examples: count, metrics: [metric] },
    ...{ candidate: spreadOf(ours), champion: spreadOf(theirs) },
  });
  const over = noise?.comparison?.differences[0];
  return {
    alone: low > 0 || high < 0,
    over: over !== undefined && (over.low > 0 || over.high < 0),
    deviation: spreadOf(ours)?.test[0]?.deviation ?? 0,
  };
}

function rightOf(wrong: readonly boolean[]): number {
  return wrong.filter((one) => !one).length / wrong.length;
}

function spreadOf(models: readonly (readonly boolean[])[]): SeedSpread | null {
  if (models.length < 2) return null;
  const measured = models.map((wrong, index) => ({
    ...{ seed: index + 1, weights: `seed ${index}`, validation: new Map<string, number>() },
    test: new Map([['accuracy', rightOf(wrong)]]),
    parts: new Map([['accuracy', wrong.map((one) => (one ? 0 : 1))]]),
  }));
  return spreadSeeds(measured);
}
