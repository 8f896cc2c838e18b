/**
 * Probabilities from logits: exp(zᵢ / T) / Σ exp(zⱼ / T), computed without overflow.
 *
 * @param temperature T > 0; above 1 it softens, below 1 it sharpens. @returns as many numbers as logits, summing to 1
 * @example softmax([2, 0], 2) // [0.731…, 0.268…]
 */
export function softmax(logits: ArrayLike<number>, temperature = 1): number[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const highest = Math.max(...scaled);
  const weights = scaled.map((value) => Math.exp(value - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * log Σ exp(zᵢ), computed without overflow.
 *
 * @example logSumExp([0, 0]) // 0.693…
 */
export function logSumExp(logits: ArrayLike<number>): number {
  const values = Array.from(logits);
  const highest = Math.max(...values);
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}
