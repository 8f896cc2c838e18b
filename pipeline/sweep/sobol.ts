import { createRandom } from '../../platform/lib/random.ts';

/*
 * Direction numbers of S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J.
 * Sci. Comput. 30, 2635–2654 (2008), file new-joe-kuo-6.21201 (https://web.maths.unsw.edu.au/~fkuo/sobol/): for each
 * dimension after the first the coefficients of its primitive polynomial as a number, then the first m, whose count is
 * the polynomial's degree.
 */
const table: readonly (readonly [coefficients: number, ...first: number[]])[] = [
  [0, 1],
  [1, 1, 3],
  [1, 1, 3, 1],
  [2, 1, 1, 1],
  [1, 1, 1, 3, 3],
  [4, 1, 3, 5, 13],
  [2, 1, 1, 5, 5, 17],
  [4, 1, 1, 5, 5, 5],
  [7, 1, 1, 7, 11, 19],
  [11, 1, 1, 5, 1, 1],
  [13, 1, 1, 1, 3, 11],
  [14, 1, 3, 5, 5, 31],
  [1, 1, 3, 3, 9, 7, 49],
  [13, 1, 1, 1, 15, 21, 21],
  [16, 1, 3, 1, 13, 27, 49],
  [19, 1, 1, 1, 15, 7, 5],
  [22, 1, 3, 1, 15, 13, 25],
  [25, 1, 1, 5, 5, 19, 61],
  [1, 1, 3, 7, 11, 23, 15, 103],
  [4, 1, 3, 7, 13, 13, 15, 69],
];

/** As many parameters as a Sobol sequence can search. */
export const mostSobolDimensions = table.length + 1;

const bits = 32;
const directions = [firstDirections(), ...table.map(directionsOf)];

/**
 * A point of a Sobol sequence (I. M. Sobol', 1967), each coordinate from 0 up to 1. The first 2^k points of every
 * dimension hit each of 2^k equal intervals exactly once, and so do pairs of dimensions of the first few.
 *
 * @param index from 0 @param seed scrambles the sequence as Owen (1995) does, by hashing as in B. Burley, "Practical
 *   Hash-based Owen Scrambling", JCGT 9 (2020), which keeps that property; null leaves it as it is
 * @throws RangeError for more than {@link mostSobolDimensions} dimensions
 * @example sobolPoint(3, 2, null) // [0.25, 0.75]
 */
export function sobolPoint(index: number, dimensions: number, seed: number | null): number[] {
  return Array.from({ length: dimensions }, (_, dimension) => {
    const numbers = directions[dimension];
    if (!numbers) throw new RangeError(`there are no direction numbers for ${dimensions}`);
    const plain = coordinate(index, numbers);
    const bitsOf = seed === null ? plain : scramble(plain, seedOf(seed, dimension));
    return bitsOf / 2 ** bits;
  });
}

/** The exclusive or of the direction numbers that the index names. */
function coordinate(index: number, numbers: readonly number[]): number {
  const gray = index ^ (index >>> 1);
  return numbers.reduce((sum, number, bit) => ((gray >>> bit) & 1 ? sum ^ number : sum), 0) >>> 0;
}

function firstDirections(): number[] {
  return Array.from({ length: bits }, (_, bit) => 2 ** (bits - 1 - bit));
}

/** The recurrence of Bratley and Fox (ACM TOMS 14, 1988), on numbers that are shifted to the highest bit. */
function directionsOf([coefficients, ...first]: readonly [number, ...number[]]): number[] {
  const degree = first.length;
  const numbers = first.map((m, bit) => (m << (bits - 1 - bit)) >>> 0);
  for (let bit = degree; bit < bits; bit++) {
    const before = numbers[bit - degree] ?? 0;
    let next = before ^ (before >>> degree);
    for (let term = 1; term < degree; term++) {
      if ((coefficients >>> (degree - 1 - term)) & 1) next ^= numbers[bit - term] ?? 0;
    }
    numbers.push(next >>> 0);
  }
  return numbers;
}

function seedOf(seed: number, dimension: number): number {
  return createRandom(`${seed}/sobol/${dimension}`).int(2 ** 31 - 1);
}

/** Owen scrambling: a bit is flipped by a hash of all higher ones (Laine and Karras, with Vegdahl's constants). */
function scramble(value: number, seed: number): number {
  let x = reverse(value);
  x ^= Math.imul(x, 0x3d20adea);
  x = (x + seed) | 0;
  x = Math.imul(x, (seed >>> 16) | 1);
  x ^= Math.imul(x, 0x05526c56);
  x ^= Math.imul(x, 0x53a22864);
  return reverse(x);
}

function reverse(value: number): number {
  let x = value;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return ((x >>> 16) | (x << 16)) >>> 0;
}
