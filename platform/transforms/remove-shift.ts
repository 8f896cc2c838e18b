/**
 * Logits without what class weights added to them. With a weight w for each class in the loss a network learns
 * p(class | x) · w, so that log w is subtracted to get p (Elkan, "The Foundations of Cost-Sensitive Learning", 2001).
 *
 * @param shift in the order of the classes; undefined for none
 * @example removeShift([2, 1], [1.5, 0]) // [0.5, 1]
 */
export function removeShift(
  logits: ArrayLike<number>,
  shift: readonly number[] | undefined,
): ArrayLike<number> {
  return shift ? Array.from(logits, (logit, index) => logit - (shift[index] ?? 0)) : logits;
}

/**
 * What weights in the loss add to each logit; undefined where all count alike. A class of weight 0 had no row to learn
 * from, so there is nothing to undo.
 *
 * @example shiftOf([0.5, 2]) // [-0.693…, 0.693…]
 */
export function shiftOf(weights: readonly number[] | undefined): number[] | undefined {
  if (!weights || weights.every((weight) => weight === weights[0])) return undefined;
  return weights.map((weight) => (weight > 0 ? Math.log(weight) : 0));
}
