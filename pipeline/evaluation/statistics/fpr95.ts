/**
 * The share of outliers that still pass where a threshold accepts 95 % of the inliers. Lower is better.
 *
 * @param inliers scores of genuine inputs @param outliers scores of inputs to refuse, both in any order
 * @returns a number in [0, 1], or null if a side is empty
 * @example fpr95([2, 3], [1, 2]) // 0.5
 */
export function fpr95(inliers: readonly number[], outliers: readonly number[]): number | null {
  if (inliers.length === 0 || outliers.length === 0) return null;
  const falling = [...inliers].sort((a, b) => b - a);
  const lowest = falling[Math.ceil(0.95 * falling.length) - 1] ?? Number.POSITIVE_INFINITY;
  return outliers.filter((score) => score >= lowest).length / outliers.length;
}
