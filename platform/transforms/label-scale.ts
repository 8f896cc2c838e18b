import type { LabelScale } from '../schemas/index.ts';

/** e to the power of these is what float32 can hold; an answer beyond would be 0 or infinite. */
export const logLimits = { low: -87, high: 88 } as const;

/**
 * A label as a model learns it.
 *
 * @example toLabelScale(100, 'log') // 4.605…
 * @example toLabelScale(100, undefined) // 100
 */
export function toLabelScale(value: number, scale: LabelScale | undefined): number {
  return scale === 'log' ? Math.log(value) : value;
}

/**
 * What a model has learnt to say, in the unit of the label again. The exponential of a mean of logarithms is not the mean: it
 * is the median where the logarithms are spread evenly to both sides (N. Duan, "Smearing estimate: a nonparametric
 * retransformation method", JASA 78, 1983), and the mean absolute error is least for the median.
 *
 * @example fromLabelScale(Math.log(100), 'log') // 100
 */
export function fromLabelScale(value: number, scale: LabelScale | undefined): number {
  if (scale !== 'log') return value;
  return Math.exp(Math.min(Math.max(value, logLimits.low), logLimits.high));
}
