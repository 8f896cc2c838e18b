import { incompleteBeta } from './incomplete-beta.ts';

/**
 * How likely at most so many hits are of `count` trials that each hit with the chance `share`: exact.
 *
 * @example binomialTail(1, 2, 0.5) // 0.75
 */
export function binomialTail(hits: number, count: number, share: number): number {
  if (hits >= count || share <= 0) return 1;
  return share >= 1 ? 0 : incompleteBeta(1 - share, count - hits, hits + 1);
}
