import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { digestBytes, hexOf } from './hash.ts';

/** A stream of random values that depends on nothing but its seed. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, limit). */
  int(limit: number): number;
  /** A number in [low, high). */
  between(low: number, high: number): number;
  /** A draw from the normal distribution with mean 0 and standard deviation 1 (Box–Muller). */
  normal(): number;
  /** One of the values. */
  pick<T>(values: readonly [T, ...T[]]): T;
  /** A new array with the values in random order (Fisher–Yates). */
  shuffle<T>(values: readonly T[]): T[];
}

/**
 * Creates a stream of random values (xoroshiro128+). Text seeds are hashed, so that `"7/augmentation"` and
 * `"7/shuffle"` give unrelated streams from one number.
 *
 * @example createRandom(7).shuffle([1, 2, 3, 4]) // [3, 2, 4, 1], on every machine
 */
export function createRandom(seed: number | string): Random {
  const generator = xoroshiro128plus(typeof seed === 'number' ? seed : seedOf(seed));
  const next = () => uniformFloat64(generator);
  const int = (limit: number) => uniformInt(generator, 0, limit - 1);
  return {
    next,
    int,
    between: (low, high) => low + (high - low) * next(),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (values) => values[int(values.length)] ?? values[0],
    shuffle: (values) => {
      const mixed = [...values];
      for (let last = mixed.length - 1; last > 0; last--) {
        const other = int(last + 1);
        const kept = mixed[last];
        const moved = mixed[other];
        if (kept === undefined || moved === undefined) continue;
        mixed[last] = moved;
        mixed[other] = kept;
      }
      return mixed;
    },
  };
}

function seedOf(text: string): number {
  return Number.parseInt(hexOf(digestBytes(text)).slice(0, 8), 16) | 0;
}
