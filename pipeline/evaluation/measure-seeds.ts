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

/** What its answers are measured by. */
export interface SeedTask {
  readonly task: Task;
  /** In the order of the outputs; empty for regression. */
  readonly classes: readonly string[];
}

/** Mean and spread of every metric over models that differ only by their seed. @param models at least two, the first one's own first */
export function measureSeeds(models: readonly SeedModel[], of: SeedTask): SeedSpread {
  return {
    seeds: models.map(({ seed }) => seed),
    models: new Set(models.map(({ weights }) => weights)).size,
    validation: spreads(models, of, 'validation'),
    test: spreads(models, of, 'test'),
  };
}

function spreads(
  models: readonly SeedModel[],
  { task, classes }: SeedTask,
  split: SplitName,
): MetricSpread[] {
  const facts = models.map(({ predictions }) => factsOn(predictions, classes, split));
  if (facts.some(({ examples }) => examples.length === 0)) return [];
  return metricsFor(task, false).flatMap(({ name, measure }) => {
    const values = facts.map(measure).filter((value) => value !== null);
    if (values.length < models.length) return [];
    return [{ name, ...momentsOf(values) }];
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
