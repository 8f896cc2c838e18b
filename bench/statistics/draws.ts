import type { Random } from '../../platform/lib/random.ts';

/** What a simulated comparison of two classifiers sees. */
export interface Flips {
  readonly fixed: number;
  readonly broken: number;
}

/**
 * Draws how many of some examples one of two classifiers alone answers right.
 *
 * @param differ share of the examples that they answer differently @param gain the candidate's true gain of accuracy
 */
export function drawFlips(random: Random, count: number, differ: number, gain: number): Flips {
  const [up, down] = [(differ + gain) / 2, (differ - gain) / 2];
  let [fixed, broken] = [0, 0];
  for (let example = 0; example < count; example++) {
    const at = random.next();
    if (at < up) fixed++;
    else if (at < up + down) broken++;
  }
  return { fixed, broken };
}

/** The share of rounds in which something holds, in percent with one decimal. */
export function shareOf(rounds: number, holds: (round: number) => boolean): string {
  let found = 0;
  for (let round = 0; round < rounds; round++) if (holds(round)) found++;
  return ((100 * found) / rounds).toFixed(1);
}

/** Draws a place by the share of each. */
export function pick(random: Random, shares: readonly number[]): number {
  let at = random.next();
  const found = shares.findIndex((share) => {
    at -= share;
    return at < 0;
  });
  return found < 0 ? shares.length - 1 : found;
}
