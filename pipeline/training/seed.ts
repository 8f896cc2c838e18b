import { createRandom } from '../../platform/lib/random.ts';

/**
 * Replaces this process's `Math.random` with a seeded stream. The layers library draws the seeds of initialisers,
 * dropout and noise from it and accepts no other source (a fixed seed in a layer would repeat the same dropout mask at
 * every step), so the process must do nothing but train.
 */
export function seedMathRandom(seed: string): void {
  const random = createRandom(seed);
  Math.random = random.next;
}
