/**
 * The area under the ROC curve: how likely a random inlier scores above a random outlier, ties counting
 * half (Mann–Whitney U, by ranks in O(n log n)).
 *
 * @param inliers scores of genuine inputs @param outliers scores of inputs to refuse, both in any order
 * @returns a number in [0, 1], or null if a side is empty
 * @example auroc([2, 3], [1, 2]) // 0.875
 */
export function auroc(inliers: readonly number[], outliers: readonly number[]): number | null {
  if (inliers.length === 0 || outliers.length === 0) return null;
  const all = [
    ...inliers.map((score) => ({ score, inlier: true })),
    ...outliers.map((score) => ({ score, inlier: false })),
  ].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let first = 0; first < all.length; ) {
    let end = first;
    while (end < all.length && all[end]?.score === all[first]?.score) end++;
    const inliersHere = all.slice(first, end).filter((entry) => entry.inlier).length;
    rankSum += inliersHere * ((first + 1 + end) / 2);
    first = end;
  }
  const smallest = (inliers.length * (inliers.length + 1)) / 2;
  return (rankSum - smallest) / (inliers.length * outliers.length);
}

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
