import type { Verdict } from '../../platform/schemas/index.ts';
import type { Difference } from './statistics/paired-difference.ts';

/** How many differing answers a comparison keeps. */
export const flipsKept = 50;

/**
 * The verdict that an interval allows: `better` or `worse` where it leaves out 0, `no detectable change` where it lies
 * within the differences that do not matter (an equivalence test), otherwise `cannot tell`.
 *
 * @param gain candidate − champion, or the other way round where less is better
 * @param relevant from where on a difference matters
 * @example judgeGain({ value: 0.01, low: -0.01, high: 0.03, pValue: 0.3 }, 0.05) // 'no detectable change'
 */
export function judgeGain({ low, high }: Difference, relevant: number): Verdict {
  if (low > 0) return 'better';
  if (high < 0) return 'worse';
  return -relevant < low && high < relevant ? 'no detectable change' : 'cannot tell';
}
