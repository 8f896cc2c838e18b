import type { Epoch } from '../../platform/schemas/index.ts';

/** The epoch with the lowest validation loss, the first of equals; 0 before any epoch. */
export function bestEpochOf(epochs: readonly Epoch[]): number {
  const losses = epochs.map(({ validationLoss }) => validationLoss);
  return epochs[losses.indexOf(Math.min(...losses))]?.epoch ?? 0;
}

/**
 * Whether training should stop: no better validation loss in the last `patience` epochs; 0 never stops.
 *
 * @param epochs the curves so far.
 */
export function isStalled(epochs: readonly Epoch[], patience: number): boolean {
  return patience > 0 && epochs.length - bestEpochOf(epochs) >= patience;
}
