import { type MetricFacts, metricsFor, type QualityMetric } from '../../platform/quality/index.ts';
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
  /** The part of each test example in a metric. */
  readonly parts: ReadonlyMap<string, readonly number[]>;
}

/** Measures a model of one seed, so that its answers need not be kept while the next one is trained. */
export function measureSeed({ seed, weights, predictions }: SeedModel, of: SeedTask): MeasuredSeed {
  const [validation, test] = (['validation', 'test'] as const).map((split) =>
    factsOn(predictions, of.classes, split),
  );
  return {
    ...{ seed, weights },
    validation: valuesOf(validation, of, ({ measure }, facts) => measure(facts)),
    test: valuesOf(test, of, ({ measure }, facts) => measure(facts)),
    parts: valuesOf(test, of, ({ parts }, facts) => parts?.(facts) ?? null),
  };
}

/** What each metric says of some examples; nothing without examples. */
function valuesOf<Value>(
  facts: MetricFacts | undefined,
  { task }: SeedTask,
  ask: (metric: QualityMetric, facts: MetricFacts) => Value | null,
): ReadonlyMap<string, Value> {
  if (!facts || facts.examples.length === 0) return new Map();
  const found = metricsFor(task, false).flatMap((metric) => {
    const value = ask(metric, facts);
    return value === null ? [] : [[metric.name, value] as const];
  });
  return new Map(found);
}

/** Mean and spread of every metric over models that differ only by their seed. @param models at least two, its own first */
export function spreadSeeds(models: readonly MeasuredSeed[]): SeedSpread {
  return {
    seeds: models.map(({ seed }) => seed),
    models: new Set(models.map(({ weights }) => weights)).size,
    validation: spreads(models.map(({ validation }) => validation)),
    test: spreads(models.map(({ test }) => test)).map((spread) => {
      const parts = models.map((model) => model.parts.get(spread.name) ?? []);
      return { ...spread, ...byExamples(parts, spread.deviation) };
    }),
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

/**
 * How much of a deviation between models is that each answers other single examples rightly. With examples and seeds crossed,
 * the variance within an example between seeds is that of the seeds plus that of both together; the variance of the
 * means has of the latter one part in as many as there are examples.
 */
function byExamples(
  models: readonly (readonly number[])[],
  deviation: number,
): Pick<MetricSpread, 'byExamples'> {
  const count = models[0]?.length ?? 0;
  if (count < 2 || models.some((parts) => parts.length !== count)) return {};
  let within = 0;
  for (let index = 0; index < count; index++) {
    within += momentsOf(models.map((parts) => parts[index] ?? 0)).deviation ** 2 / count;
  }
  const found = Math.sqrt(Math.max(0, within - deviation ** 2) / (count - 1));
  return Number.isFinite(found) ? { byExamples: found } : {};
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
