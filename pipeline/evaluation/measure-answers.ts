import type { EvaluateOutput, Prediction, Task } from '../../platform/schemas/index.ts';
import { type DecisionRules, decide } from '../../platform/transforms/index.ts';
import type { Answer, Decided } from './answer.ts';
import { measureQuality } from './measure-quality.ts';
import { measureRefusal } from './outliers/index.ts';
import { sliceResults } from './slice-results.ts';
import { predictionOf } from './write-predictions.ts';

/** Answers to the examples that judge a model. */
export interface JudgedAnswers {
  readonly test: readonly Answer[];
  /** Those by which one chooses: they are only decided. */
  readonly validation: readonly Answer[];
  /** Those of the out-of-distribution set that judge refusal. */
  readonly outliers: readonly Answer[];
}

/** What answers are measured by. */
export interface MeasuringRules extends DecisionRules {
  readonly task: Task;
  /** Metadata columns whose values are the slices. */
  readonly slices: readonly string[];
  /** Name in data.lock.json. */
  readonly dataset: string;
}

/** What the test split says of a model whose rules of decision are fixed. */
export interface AnswerQuality {
  readonly evaluation: Pick<
    EvaluateOutput,
    'metrics' | 'perClass' | 'confusion' | 'slices' | 'outOfDistribution'
  >;
  /** Of the validation and test splits. */
  readonly predictions: readonly Prediction[];
}

/** Measures a model by its answers: nothing is fitted, so that an untrusted model can be measured too. */
export function measureAnswers(answers: JudgedAnswers, rules: MeasuringRules): AnswerQuality {
  const { task, classes } = rules;
  const decideAll = (rows: readonly Answer[]): Decided[] =>
    rows.map((answer) => ({ ...answer, ...decide(answer, rules) }));
  const [test, outliers] = [decideAll(answers.test), decideAll(answers.outliers)];
  const scores = { inliers: test.map(scoreOf), outliers: outliers.map(scoreOf) };
  const outOfDistribution = rules.outOfDistribution && {
    ...rules.outOfDistribution,
    ...measureRefusal(scores, rules.outOfDistribution.threshold),
  };
  return {
    evaluation: {
      ...measureQuality(test, { task, classes, outOfDistribution }),
      slices: sliceResults(test, rules.slices, classes.length === 0),
      outOfDistribution,
    },
    predictions: [...decideAll(answers.validation), ...test].map((one) =>
      predictionOf(one, rules.dataset),
    ),
  };
}

function scoreOf({ score }: Decided): number {
  return score;
}
