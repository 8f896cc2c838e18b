import { createRandom } from '../../platform/lib/random.ts';

/**
 * Makes `Math.random` of this process a seeded stream. Initialisers, dropout and noise of the layers library
 * draw their seeds from it and take no other source (and a layer's own fixed seed would give the same dropout
 * mask at every step), so this must be a process that does nothing but train.
 */
export function seedMathRandom(seed: string): void {
  const random = createRandom(seed);
  Math.random = random.next;
}
