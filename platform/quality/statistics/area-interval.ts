import { normal975 } from './normal-quantile.ts';
import type { Ends } from './score-interval.ts';

/**
 * The 95 % interval of an area under the ROC curve from the area and the two counts alone: the areas from which this one is not
 * 1.96 standard errors away, each with the error that it would have itself. Also right where the area is 1, which has no spread
 * (R. G. Newcombe, Confidence intervals for an effect size measure based on the Mann–Whitney statistic, part 2, method 5,
 * Statistics in Medicine 25, 2006).
 *
 * @param area in [0, 1] @param positives how many there are of what is looked for @param negatives how many others
 * @param wider how many times as large the standard errors are as the counts alone tell
 * @returns [0, 1] where a side is empty
 * @example areaInterval(0.9, 50, 50) // { low: 0.8214…, high: 0.9450… }
 */
export function areaInterval(area: number, positives: number, negatives: number, wider = 1): Ends {
  if (positives === 0 || negatives === 0) return { low: 0, high: 1 };
  const isWithin = (other: number) =>
    Math.abs(area - other) <= wider * normal975 * areaError(other, positives, negatives);
  return { low: edge(area, 0, isWithin), high: edge(area, 1, isWithin) };
}

/** The standard error of an area of normal or exponential scores (Hanley and McNeil, 1982), with both counts as their mean. */
export function areaError(area: number, positives: number, negatives: number): number {
  const others = (positives + negatives) / 2 - 1;
  const spread = 1 + others * ((1 - area) / (2 - area) + area / (1 + area));
  return Math.sqrt((area * (1 - area) * spread) / (positives * negatives));
}

/** The furthest value on the way to an end that is still within, by bisection. */
function edge(from: number, end: number, isWithin: (value: number) => boolean): number {
  let [inside, outside] = [from, end];
  if (isWithin(end)) return end;
  for (let step = 0; step < 60; step++) {
    const middle = (inside + outside) / 2;
    if (isWithin(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}
