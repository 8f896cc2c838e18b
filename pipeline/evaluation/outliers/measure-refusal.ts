import type { OutOfDistribution } from '../../../platform/schemas/index.ts';
import { auroc, fpr95 } from '../statistics/auroc.ts';
import { wilson } from '../statistics/wilson.ts';

/** How well a threshold on a score separates the test split from the outliers that judge it. */
export function measureRefusal(
  { inliers, outliers }: { inliers: readonly number[]; outliers: readonly number[] },
  threshold: number,
): Pick<OutOfDistribution, 'auroc' | 'fpr95' | 'refused'> {
  const refused = outliers.filter((score) => score < threshold).length;
  return {
    auroc: auroc(inliers, outliers),
    fpr95: fpr95(inliers, outliers),
    refused: outliers.length > 0 ? wilson(refused, outliers.length) : null,
  };
}
