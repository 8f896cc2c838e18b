import type { OutOfDistribution, Task } from '../../schemas/index.ts';
import type { Ends } from '../statistics/score-interval.ts';

/** A labelled test example with the answer of a model. */
export interface TestExample {
  /** The true class; for regression the true value as text. */
  readonly label: string;
  /** The class that the model names; for regression its value as text. */
  readonly predicted: string;
  /** In the order of the classes, summing to 1; for regression the one value that the model estimates. */
  readonly probabilities: readonly number[];
}

/** What a metric is computed from. */
export interface MetricFacts {
  readonly examples: readonly TestExample[];
  /** In the order of the model's outputs; empty for regression. */
  readonly classes: readonly string[];
  /** How out-of-distribution inputs are refused; null where they are not. */
  readonly outOfDistribution: OutOfDistribution | null;
  /** How familiar the genuine examples and the inputs to refuse look to the model; left out where that is not known. */
  readonly refusalScores?: RefusalScores | undefined;
}

/** Scores by which inputs are refused, of those to accept and of those to refuse. */
export interface RefusalScores {
  readonly inliers: readonly number[];
  readonly outliers: readonly number[];
}

/** A metric of a table of answers. */
export interface AnswersValue {
  readonly value: number;
  /**
   * How far an example moves the value, as influence[truth][predicted]: the derivative by its weight, times the sum of all
   * weights. Its mean over the table is 0.
   */
  readonly influence: readonly (readonly number[])[];
}

/** A quality metric. */
export interface QualityMetric {
  /** Its name in records, gates and reports. */
  readonly name: string;
  /** Its name for people. */
  readonly label: string;
  /** What it measures, as one sentence for the documentation. */
  readonly definition: string;
  /** Which direction is better. */
  readonly better: 'higher' | 'lower';
  /** How a value reads: a share in percent and its differences in percentage points (pp), or a plain number. */
  readonly format: 'share' | 'number';
  /** What a plain number is measured in, if in anything. */
  readonly unit?: string;
  /** The least and the greatest possible value; one of them is perfect. */
  readonly range: readonly [least: number, greatest: number];
  readonly tasks: readonly Task[];
  /** Whether it exists only in projects with a set of inputs that must be refused. */
  readonly needsOutOfDistribution: boolean;
  /** Whether candidate and champion of its tasks are compared by it. */
  readonly primary: boolean;
  /** @returns null where it has no value, for example because the set of inputs to refuse is empty. */
  readonly measure: (facts: MetricFacts) => number | null;
  /**
   * The part of each example in the value, in the order of the examples: their mean is the value. For a metric that is
   * no mean it is the value plus the example's influence on it (the infinitesimal jackknife), so that the spread of these
   * numbers is the uncertainty of the value. Left out where there is no such thing.
   */
  readonly parts?: (facts: MetricFacts) => readonly number[];
  /** Whether the parts are what each example loses, never below 0: their mean is skewed in one way. */
  readonly byLosses?: boolean;
  /**
   * The metric of a table confusion[truth][predicted] of weights, for a metric that weighs classes alike and knows nothing but
   * answers: its differences lie in the few answers that differ, fewest of a rare class.
   */
  readonly byAnswers?: (confusion: readonly (readonly number[])[]) => AnswersValue;
  /** Whether it ranks the examples of each class among the others, so that its differences spread by class, most in rare ones. */
  readonly byRankings?: boolean;
  /**
   * The 95 % interval of the value, for a metric without parts, or one whose parts spread too little where a class has few examples.
   *
   * @returns null where it has none
   */
  readonly interval?: (facts: MetricFacts) => Ends | null;
  /**
   * The 95 % interval of the difference of two models on the same examples, for a metric whose parts do not tell it.
   *
   * @returns null where it has none
   */
  readonly difference?: (ours: MetricFacts, theirs: MetricFacts) => Ends | null;
  /** The value with each example counted so many times, for a metric without parts, whose differences are resampled. */
  readonly reweigh?: (facts: MetricFacts) => (counts: ArrayLike<number>) => number;
  /**
   * What a perfect model would have on as many examples by chance alone, where that is not the best value: mean and
   * 95th percentile. A limit below the percentile would fail perfect models.
   */
  readonly chance?: (facts: MetricFacts) => { readonly mean: number; readonly high: number };
}
