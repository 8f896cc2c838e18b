import { type MetricFacts, metricsFor } from '../../platform/quality/index.ts';
import type {
  MetricSpread,
  Prediction,
  SeedSpread,
  SplitName,
  Task,
} from '../../platform/schemas/index.ts';

/** A model of one seed, by its answers. */
export interface SeedModel {
  readonly seed: number;
  /** Digest of its weights. */
  readonly weights: string;
  readonly predictions: readonly Prediction[];
}

/** What answers are measured by. */
export interface SeedTask {
  readonly task: Task;
  /** In the order of the outputs; empty for regression. */
  readonly classes: readonly string[];
}

/** A model of one seed, by every metric that has a value. */
export interface MeasuredSeed extends Pick<SeedModel, 'seed' | 'weights'> {
  readonly validation: ReadonlyMap<string, number>;
  readonly test: ReadonlyMap<string, number>;
}

/** Measures a model of one seed, so that its answers need not be kept while the next one is trained. */
export function measureSeed({ seed, weights, predictions }: SeedModel, of: SeedTask): MeasuredSeed {
  const measure = (split: SplitName) => metricsOn(factsOn(predictions, of.classes, split), of);
  return { seed, weights, validation: measure('validation'), test: measure('test') };
}

function metricsOn(facts: MetricFacts, { task }: SeedTask): ReadonlyMap<string, number> {
  if (facts.examples.length === 0) return new Map();
  const measured = metricsFor(task, false).flatMap(({ name, measure }) => {
    const value = measure(facts);
    return value === null ? [] : [[name, value] as const];
  });
  return new Map(measured);
}

/** Mean and spread of every metric over models that differ only by their seed. @param models at least two, its own first */
export function spreadSeeds(models: readonly MeasuredSeed[]): SeedSpread {
  return {
    seeds: models.map(({ seed }) => seed),
    models: new Set(models.map(({ weights }) => weights)).size,
    validation: spreads(models.map(({ validation }) => validation)),
    test: spreads(models.map(({ test }) => test)),
  };
}

/** The spread of each metric that all models have. */
function spreads(models: readonly ReadonlyMap<string, number>[]): MetricSpread[] {
  const names = [...(models[0]?.keys() ?? [])];
  return names.flatMap((name) => {
    const values = models.map((model) => model.get(name)).filter((value) => value !== undefined);
    return values.length < models.length ? [] : [{ name, ...momentsOf(values) }];
  });
}

/** A split of a model's answers, as metrics take them. */
export function factsOn(
  predictions: readonly Prediction[],
  classes: readonly string[],
  split: SplitName,
): MetricFacts {
  const examples = predictions.filter(
    (one) => one.split === split && (classes.length === 0 || classes.includes(one.label)),
  );
  return { examples, classes, outOfDistribution: null };
}

/** Mean and standard deviation (n − 1). */
export function momentsOf(values: readonly number[]): { mean: number; deviation: number } {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, count - 1)) };
}
