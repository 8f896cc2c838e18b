import { createRandom } from '../../platform/lib/random.ts';

/** Rows that are laid over the rows of a batch, https://arxiv.org/abs/1710.09412 */
export interface Mixing {
  /** As many as the batch has, the same ones in another order. */
  readonly rows: readonly number[];
  /** Share of them; the batch itself has the rest, at least half. */
  readonly share: number;
}

/**
 * Draws what is mixed into a batch: the same for the same seed.
 *
 * @param strength both parameters of the Beta distribution that the share is from, above 0 and at most 1.
 */
export function mixingOf(rows: readonly number[], strength: number, seed: string): Mixing {
  const random = createRandom(seed);
  // Jöhnk's method: two powers of uniform numbers whose sum is at most 1.
  for (;;) {
    const [first, second] = [random.next(), random.next()];
    const sum = first ** (1 / strength) + second ** (1 / strength);
    if (sum > 1) continue;
    return { rows: random.shuffle(rows), share: smallerShare(first, second, strength) };
  }
}

/** Of two powers that may be too small for a number: their ratio is not. */
function smallerShare(first: number, second: number, strength: number): number {
  const [small, large] = [Math.min(first, second), Math.max(first, second)];
  if (large === 0) return 0;
  const ratio = (small / large) ** (1 / strength);
  return ratio / (1 + ratio);
}
