import type { SliceRow } from '../report.ts';

const significance = 0.05;

/** Whether a slice is shown to differ from the champion's, over all slices together (Holm), and by its own interval. */
export function isSliceShown({ pValue, low, high }: NonNullable<SliceRow['paired']>): boolean {
  return pValue !== null && pValue < significance && (low > 0 || high < 0);
}
