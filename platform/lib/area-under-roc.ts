/**
 * The area under the ROC curve: how likely a random positive scores above a random negative, ties counting half
 * (Mann–Whitney U, by ranks in O(n log n)).
 *
 * @param positives scores of what is looked for @param negatives scores of the others, both in any order
 * @returns a number in [0, 1], or null if a side is empty
 * @example areaUnderRoc([2, 3], [1, 2]) // 0.875
 */
export function areaUnderRoc(
  positives: readonly number[],
  negatives: readonly number[],
): number | null {
  if (positives.length === 0 || negatives.length === 0) return null;
  const all = [
    ...positives.map((score) => ({ score, positive: true })),
    ...negatives.map((score) => ({ score, positive: false })),
  ].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let first = 0; first < all.length; ) {
    let end = first;
    let positivesHere = 0;
    for (; end < all.length && all[end]?.score === all[first]?.score; end++) {
      if (all[end]?.positive) positivesHere++;
    }
    rankSum += positivesHere * ((first + 1 + end) / 2);
    first = end;
  }
  const smallest = (positives.length * (positives.length + 1)) / 2;
  return (rankSum - smallest) / (positives.length * negatives.length);
}
