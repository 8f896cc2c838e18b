/**
 * What the numbers of a point are: features of a backbone, the columns of a row, the input of a network's last layer, or
 * small pixels. All but `network` know nothing of labels.
 */
export type SpaceKind = 'features' | 'columns' | 'network' | 'pixels';

/** Examples as points; what is alike should lie near, which {@link checkNearness} looks at. */
export interface Space {
  readonly kind: SpaceKind;
  /** Numbers in one point. */
  readonly width: number;
  /** The points, one after another. */
  readonly points: Float32Array;
}

/** How many points there are. */
export function countPoints({ points, width }: Space): number {
  return width === 0 ? 0 : points.length / width;
}

/** The square of the Euclidean distance of two points. @param most it stops adding up beyond */
export function squaredDistance(
  { width, points }: Space,
  a: number,
  b: number,
  most = Number.POSITIVE_INFINITY,
): number {
  let [at, other, sum] = [a * width, b * width, 0];
  const end = at + width;
  while (at < end && sum <= most) {
    const stop = Math.min(end, at + 32);
    for (; at < stop; at++, other++) {
      const difference = (points[at] ?? 0) - (points[other] ?? 0);
      sum += difference * difference;
    }
  }
  return sum;
}
