import { areaUnderRoc } from '../../../platform/lib/area-under-roc.ts';
import type { OutOfDistribution } from '../../../platform/schemas/index.ts';
import { fpr95 } from '../statistics/fpr95.ts';
import { wilson } from '../statistics/wilson.ts';

/** How many of the test split a threshold on a score accepts, and how well it separates them from outliers. */
export function measureRefusal(
  { inliers, outliers }: { inliers: readonly number[]; outliers: readonly number[] },
  threshold: number,
): Omit<OutOfDistribution, 'method' | 'threshold' | 'acceptance' | 'distance'> {
  const refused = outliers.filter((score) => score < threshold).length;
  const accepted = inliers.filter((score) => score >= threshold).length;
  return {
    ...(inliers.length > 0 && { accepted: wilson(accepted, inliers.length) }),
    auroc: areaUnderRoc(inliers, outliers),
    fpr95: fpr95(inliers, outliers),
    refused: outliers.length > 0 ? wilson(refused, outliers.length) : null,
  };
}
