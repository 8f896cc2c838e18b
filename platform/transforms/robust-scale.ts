/** The interquartile range of a normal distribution in units of its deviation. */
const normalRange = 1.3489795003921634;

/** The centre and the spread of a column, as few values far from the others hardly move them. */
export interface RobustScale {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * The median, and what the deviation would be of a normal distribution with the same interquartile range. Null where half of the
 * values are equal.
 *
 * @example fitRobustScale([0, 1, 2, 3, 1e6]) // { mean: 2, deviation: 1.482… }
 */
export function fitRobustScale(values: ArrayLike<number>): RobustScale | null {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [low = 0, high = 0] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return low + (high - low) * (place - Math.floor(place));
  };
  const deviation = (at(0.75) - at(0.25)) / normalRange;
  return deviation > 0 ? { mean: at(0.5), deviation } : null;
}
