import { learntPoints } from './learnt-points.ts';
import { fitSoftmaxRegression, predictInto } from './softmax-regression.ts';
import type { Space } from './space.ts';

/** What a linear model learns, and what it is asked. */
export interface LinearLesson {
  /** The class of each point, from 0. */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
  /** Places of the points that it learns from. */
  readonly learnt: readonly number[];
  /** Places of the points that it is asked about. */
  readonly asked: readonly number[];
}

/**
 * The probability of each class for some points, by multinomial logistic regression on others.
 *
 * @returns a row of probabilities for each asked point
 */
export function predictLinearly(
  space: Space,
  { labels, classes, learnt, asked }: LinearLesson,
): number[][] {
  const scaled = learntPoints(space);
  const lesson = { rows: learnt, labels, classes, seed: 'linear' };
  const model = fitSoftmaxRegression(scaled, lesson);
  const shares = new Float64Array(classes);
  return asked.map((row) => {
    predictInto(shares, model, scaled.points, row * scaled.width);
    return [...shares];
  });
}
