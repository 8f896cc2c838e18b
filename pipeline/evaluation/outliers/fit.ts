import type { OutOfDistribution } from '../../../platform/schemas/index.ts';
import { distanceScore, energyScore } from '../../../platform/transforms/index.ts';
import type { Answer } from '../answer.ts';
import { auroc, fpr95 } from '../statistics/auroc.ts';
import { wilson } from '../statistics/wilson.ts';
import { fitDistance } from './distance.ts';
import { acceptanceThreshold } from './threshold.ts';

/** What the fit looks at. */
export interface OutOfDistributionRows {
  readonly train: readonly Answer[];
  readonly validation: readonly Answer[];
  readonly test: readonly Answer[];
  /** Rows of the committed out-of-distribution set: those to choose the method by, and those to judge it. */
  readonly strangers: { readonly choose: readonly Answer[]; readonly judge: readonly Answer[] };
}

interface Method {
  readonly method: OutOfDistribution['method'];
  readonly distance: OutOfDistribution['distance'];
  readonly score: (answer: Answer) => number;
}

/**
 * Fits how inputs unlike the training data are found: chooses between energy and distance by the AUROC of
 * validation against the choosing half of the strangers (ties and wide embeddings: energy; without
 * strangers: distance), sets the threshold on validation, and judges on test against the other half.
 *
 * @param acceptance least share of validation rows to accept @returns null where neither method applies
 */
export function fitOutOfDistribution(
  rows: OutOfDistributionRows,
  acceptance: number,
  regression: boolean,
): OutOfDistribution | null {
  const chosen = chooseMethod(rows, regression);
  if (!chosen) return null;
  const { method, distance, score } = chosen;
  const fitted = acceptanceThreshold(rows.validation.map(score), acceptance);
  const inliers = rows.test.map(score);
  const outliers = rows.strangers.judge.map(score);
  const refused = outliers.filter((value) => value < fitted.threshold).length;
  return {
    method,
    ...fitted,
    auroc: auroc(inliers, outliers),
    fpr95: fpr95(inliers, outliers),
    refused: outliers.length > 0 ? wilson(refused, outliers.length) : null,
    distance,
  };
}

function chooseMethod(rows: OutOfDistributionRows, regression: boolean): Method | null {
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
  if (!energy || rows.strangers.choose.length === 0) return distance;
  return separation(energy, rows) >= separation(distance, rows) ? energy : distance;
}

function separation({ score }: Method, { validation, strangers }: OutOfDistributionRows): number {
  return auroc(validation.map(score), strangers.choose.map(score)) ?? 0;
}
