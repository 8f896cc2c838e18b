import type { ImageProperties } from '../../../platform/transforms/index.ts';

/** The shorter side of the photo in the middle, sorted by it; NaN without photos. */
export function middleSide(photos: readonly ImageProperties[]): number {
  return quantile(photos.map(shorterSide), 0.5);
}

export function shorterSide({ width, height }: ImageProperties): number {
  return Math.min(width, height);
}

/** The value below which a share of the values lies (nearest rank); NaN without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
