import { type Space, squaredDistance } from './space.ts';

/** A point near another. */
export interface Near {
  /** Its place in the space. */
  readonly at: number;
  readonly distance: number;
}

/**
 * The nearest of some points, nearest first; of equally near ones those that come first.
 *
 * @param from the point that is asked for; it is never its own neighbour
 */
export function findNearest(
  space: Space,
  from: number,
  among: readonly number[],
  count: number,
): Near[] {
  const best: Near[] = [];
  let most = Number.POSITIVE_INFINITY;
  for (const at of among) {
    if (at === from) continue;
    const distance = squaredDistance(space, from, at, most);
    if (distance >= most) continue;
    const place = best.findIndex((one) => one.distance > distance);
    best.splice(place < 0 ? best.length : place, 0, { at, distance });
    if (best.length > count) best.pop();
    if (best.length === count) most = best.at(-1)?.distance ?? most;
  }
  return best.map(({ at, distance }) => ({ at, distance: Math.sqrt(distance) }));
}
