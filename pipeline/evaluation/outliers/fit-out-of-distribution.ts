import { areaUnderRoc } from '../../../platform/lib/area-under-roc.ts';
import type { OutOfDistribution } from '../../../platform/schemas/index.ts';
import { distanceScore, energyScore } from '../../../platform/transforms/index.ts';
import type { Answer } from '../answer.ts';
import { acceptanceThreshold } from './acceptance-threshold.ts';
import { fitDistance } from './fit-distance.ts';
import { measureRefusal } from './measure-refusal.ts';

/** The answered rows from which outlier detection is fitted and judged. */
export interface OutOfDistributionRows {
  readonly train: readonly Answer[];
  readonly validation: readonly Answer[];
  readonly test: readonly Answer[];
  /** Rows of the committed out-of-distribution set: those to choose the method by, and those to judge it. */
  readonly outliers: { readonly choose: readonly Answer[]; readonly judge: readonly Answer[] };
}

interface Method {
  readonly method: OutOfDistribution['method'];
  readonly distance: OutOfDistribution['distance'];
  readonly score: (answer: Answer) => number;
}

/** What a model is, as far as it decides which methods there are and which is taken without outliers. */
export interface OutlierModel {
  readonly regression: boolean;
  /** Whether it learns from the features of a backbone. */
  readonly onFeatures: boolean;
}

/**
 * Fits how outliers (inputs unlike the training data) are found: chooses between energy and distance by the AUROC
 * of validation against the outliers to choose by (ties and wide embeddings: energy), sets the threshold on validation,
 * and judges on test against the outliers to judge by. Without outliers it is distance, but energy on a backbone's
 * features: what a few layers make of these keeps little of what tells unknown classes apart.
 *
 * @param acceptance least share of validation rows to accept @returns null where neither method applies
 */
export function fitOutOfDistribution(
  rows: OutOfDistributionRows,
  acceptance: number,
  model: OutlierModel,
): OutOfDistribution | null {
  const chosen = chooseMethod(rows, model);
  if (!chosen) return null;
  const { method, distance, score } = chosen;
  const fitted = acceptanceThreshold(rows.validation.map(score), acceptance);
  const scores = { inliers: rows.test.map(score), outliers: rows.outliers.judge.map(score) };
  return { method, ...fitted, ...measureRefusal(scores, fitted.threshold), distance };
}

function chooseMethod(
  rows: OutOfDistributionRows,
  { regression, onFeatures }: OutlierModel,
): Method | null {
  const energy: Method | null = regression
    ? null
    : { method: 'energy', distance: null, score: ({ output }) => energyScore(output) };
  const fitted = fitDistance(rows.train, regression);
  if (!fitted) return energy;
  const distance: Method = {
    method: 'distance',
    distance: fitted,
    score: ({ embedding }) => distanceScore(embedding, fitted),
  };
  if (!energy) return distance;
  if (rows.outliers.choose.length === 0) return onFeatures ? energy : distance;
  return separation(energy, rows) >= separation(distance, rows) ? energy : distance;
}

function separation({ score }: Method, { validation, outliers }: OutOfDistributionRows): number {
  return areaUnderRoc(validation.map(score), outliers.choose.map(score)) ?? 0;
}
