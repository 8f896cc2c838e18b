/** What is further from the mean of a binomial number, in standard deviations, happens too seldom to count. */
const reach = 6;

/**
 * The mean of a function of a binomial number. What is many standard deviations away is left out, so that large counts take the time
 * of their root.
 *
 * @param share in [0, 1]
 * @example binomialMean(10, 0.5, (hits) => hits) // 5
 */
export function binomialMean(
  count: number,
  share: number,
  valueAt: (hits: number) => number,
): number {
  if (share <= 0 || share >= 1) return valueAt(share <= 0 ? 0 : count);
  const mode = Math.min(count, Math.floor((count + 1) * share));
  const far = Math.ceil(reach * Math.sqrt(count * share * (1 - share)) + reach);
  const ratio = share / (1 - share);
  let [sum, all] = [0, 0];
  const visit = (hits: number, weight: number) => {
    all += weight;
    sum += weight * valueAt(hits);
  };
  // Weights are relative to that of the mode, which is safe from underflow.
  let weight = 1;
  for (let hits = mode; hits <= Math.min(count, mode + far); hits++) {
    visit(hits, weight);
    weight *= ((count - hits) / (hits + 1)) * ratio;
  }
  weight = 1;
  for (let hits = mode; hits > Math.max(0, mode - far); ) {
    weight *= hits / (count - hits + 1) / ratio;
    hits--;
    visit(hits, weight);
  }
  return sum / all;
}
