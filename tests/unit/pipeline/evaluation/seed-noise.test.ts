import { expect, test } from 'vitest';
import { comparePredictions } from '../../../../pipeline/evaluation/compare-predictions.ts';
import {
  measureSeed,
  type SeedModel,
  spreadSeeds,
} from '../../../../pipeline/evaluation/measure-seeds.ts';
import { describeSeedNoise } from '../../../../pipeline/evaluation/seed-noise.ts';
import { digestJson } from '../../../../platform/lib/hash.ts';
import { createRandom, type Random } from '../../../../platform/lib/random.ts';
import type { Prediction, SeedSpread } from '../../../../platform/schemas/index.ts';

const regression = { task: 'tabular-regression', classes: [] } as const;

/** Answers that are off by an error of their own for each example, each seed, and each of both. */
interface Noise {
  readonly examples: number;
  readonly seeds: number;
}

/** What models of several seeds say of the same examples; their mean absolute error is 10 + `shift` on average. */
function modelsOf(
  difficulty: readonly number[],
  {
    random,
    count,
    noise,
    shift = 0,
  }: { random: Random; count: number; noise: Noise; shift?: number },
) {
  return Array.from({ length: count }, (_, model) => {
    const luck = noise.seeds * random.normal();
    const predictions = difficulty.map((hard, index): Prediction => {
      const error = 10 + shift + hard + luck + random.normal();
      const id = `row ${index}`;
      return {
        ...{ id, digest: digestJson(id), dataset: 'rows', split: 'test', label: '0', score: 1 },
        ...{ predicted: String(error), probabilities: [error], accepted: true },
      };
    });
    return { seed: model + 1, weights: `weights ${luck}`, predictions };
  });
}

/** What several seeds say. */
function measureSeeds(models: readonly SeedModel[], of: typeof regression): SeedSpread {
  return spreadSeeds(models.map((model) => measureSeed(model, of)));
}

/** One experiment: both sides trained with some seeds, and what is said of them. */
function experiment(
  random: Random,
  { noise, seeds, shift = 0 }: { noise: Noise; seeds: readonly [number, number]; shift?: number },
) {
  const difficulty = Array.from({ length: 60 }, () => noise.examples * random.normal());
  const ours = modelsOf(difficulty, { ...{ random, noise, shift }, count: seeds[0] });
  const theirs = modelsOf(difficulty, { ...{ random, noise }, count: seeds[1] });
  const [first, rival] = [ours[0]?.predictions ?? [], theirs[0]?.predictions ?? []];
  const comparison = comparePredictions(first, rival, []);
  const spread = (models: typeof ours) =>
    models.length > 1 ? measureSeeds(models, regression) : null;
  const described = describeSeedNoise({
    ...{ ...regression, predictions: first, comparison, sameData: true },
    ...{ candidate: spread(ours), champion: spread(theirs) },
  });
  const found = described?.comparison?.differences.find(({ name }) => name === 'mae');
  if (!described || !found) throw new Error('nothing was compared');
  return { comparison, described, found };
}

/** In what share of some experiments something holds. */
function shareOf(holds: (random: Random, index: number) => boolean, experiments = 60): number {
  const random = createRandom('experiments');
  return (
    Array.from({ length: experiments }, (_, index) => holds(random, index)).filter(Boolean).length /
    experiments
  );
}

const mostlySeeds = { examples: 2, seeds: 1 };

test('models of different luck look better or worse one by one, and do not over several seeds', () => {
  const oneByOne = shareOf((random) => {
    const { comparison } = experiment(random, { noise: mostlySeeds, seeds: [2, 2] });
    return comparison.verdict === 'better' || comparison.verdict === 'worse';
  });
  expect(oneByOne).toBeGreaterThan(0.5);
  for (const seeds of [
    [3, 3],
    [4, 1],
    [1, 4],
  ] as const) {
    const falseAlarms = shareOf((random) => {
      const { found } = experiment(random, { noise: mostlySeeds, seeds });
      return found.low > 0 || found.high < 0;
    });
    expect(falseAlarms, `${seeds}`).toBeLessThan(0.09);
  }
});

test('a change that is larger than what seeds do is seen', () => {
  const seen = shareOf((random) => {
    const { found } = experiment(random, { noise: mostlySeeds, seeds: [5, 5], shift: -3 });
    return found.high < 0;
  });
  expect(seen).toBeGreaterThan(0.9);
});

test('noise of training and noise of evaluation are distinguished', () => {
  const random = createRandom('apart');
  const training = experiment(random, { noise: { examples: 0, seeds: 5 }, seeds: [5, 5] }).found;
  expect(training.training).toBeGreaterThan(5 * training.evaluation);
  const { found, described } = experiment(random, {
    noise: { examples: 5, seeds: 0 },
    seeds: [5, 5],
  });
  expect(found.training).toBeLessThan(0.2);
  // Both models meet the same difficult examples, so the difference does not have their noise; the metric itself has.
  expect(found.evaluation).toBeLessThan(0.2);
  expect(described.evaluation).toContainEqual({ name: 'mae', error: expect.closeTo(0.5, 0) });
});

test('other answers to single examples are counted once, and average out over seeds', () => {
  const { found, comparison } = experiment(createRandom('same'), {
    ...{ noise: { examples: 1, seeds: 0 }, seeds: [20, 20] },
  });
  const ratio = (comparison.high - comparison.low) / (found.high - found.low);
  expect(ratio).toBeGreaterThan(Math.sqrt(20) * 0.7);
  expect(ratio).toBeLessThan(Math.sqrt(20) * 1.3);
});

test('other data is compared by the two models, each with the whole noise of its seeds', () => {
  const inputs = { ...regression, sameData: false, predictions: [] };
  const spread = (mean: number, deviation: number): SeedSpread => ({
    ...{ seeds: [7, 8, 9, 10], models: 4, validation: [] },
    test: [{ name: 'mae', mean, deviation }],
  });
  const metric = { name: 'mae', candidate: 3, champion: 5, difference: -2, low: -2, high: -2 };
  const { comparison: some } = experiment(createRandom(1), { noise: mostlySeeds, seeds: [2, 2] });
  const comparison = { ...some, metrics: [metric] };
  const of = (candidate: SeedSpread | null, champion: SeedSpread | null) =>
    describeSeedNoise({ ...inputs, comparison, candidate, champion })?.comparison;
  expect(of(spread(90, 3), spread(0, 4))).toMatchObject({
    of: 'models',
    differences: [{ difference: -2, training: 5, evaluation: 0 }],
  });
  // The champion was trained once: it is taken to vary as the candidate does.
  expect(of(spread(90, 3), null)?.differences[0]?.training).toBeCloseTo(3 * Math.SQRT2, 10);
});

test('seeds that change nothing are one model', () => {
  const [model] = modelsOf([1, 2, 3], {
    ...{ random: createRandom(1), count: 1, noise: { examples: 1, seeds: 1 } },
  });
  if (!model) throw new Error('no model');
  const spread = measureSeeds([model, { ...model, seed: 8 }], regression);
  expect(spread).toMatchObject({ seeds: [1, 8], models: 1 });
  expect(spread.test[0]).toMatchObject({ name: 'mae', deviation: 0 });
  expect(spread.validation).toEqual([]);
});

test('where no model was trained with several seeds nothing is said', () => {
  const none = { candidate: null, champion: null, comparison: null };
  expect(describeSeedNoise({ ...regression, ...none, predictions: [], sameData: true })).toBeNull();
});
