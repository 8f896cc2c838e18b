import type { Epoch } from '../../platform/schemas/index.ts';

/** The number of the epoch with the lowest validation loss, the first among equals; 0 before any epoch. */
export function bestEpochOf(epochs: readonly Epoch[]): number {
  const losses = epochs.map(({ validationLoss }) => validationLoss);
  return epochs[losses.indexOf(Math.min(...losses))]?.epoch ?? 0;
}

/** The lowest validation loss; infinite before any epoch. */
export function bestLossOf(epochs: readonly Epoch[]): number {
  return Math.min(...epochs.map(({ validationLoss }) => validationLoss));
}

/**
 * Whether training should stop because the validation loss has not improved in the last `patience` epochs.
 *
 * @param epochs the curves so far. @param patience 0 never stops.
 */
export function isStalled(epochs: readonly Epoch[], patience: number): boolean {
  return patience > 0 && epochs.length - bestEpochOf(epochs) >= patience;
}
