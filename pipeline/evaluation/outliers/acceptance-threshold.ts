/** A threshold and the share of examples that pass it. */
export interface Threshold {
  readonly threshold: number;
  readonly acceptance: number;
}

/**
 * The highest threshold that lets at least a share of new scores like these pass in the mean: ⌈(n + 1) · share⌉ of the
 * n pass (split conformal prediction; Papadopoulos et al., 2002), or all where n is too small for that. It is
 * halfway between two scores, so that a rounding difference of another runtime does not refuse the last one that passes.
 *
 * @param share in (0, 1] @returns without scores a threshold that everything passes
 * @example acceptanceThreshold([1, 2, 3, 4], 0.6) // { threshold: 1.5, acceptance: 0.75 }
 */
export function acceptanceThreshold(scores: readonly number[], share: number): Threshold {
  const falling = [...scores].sort((a, b) => b - a);
  const passing = Math.min(falling.length, Math.ceil(share * (falling.length + 1) - 1e-9));
  const last = falling[passing - 1];
  if (last === undefined) return { threshold: -Number.MAX_VALUE, acceptance: 1 };
  const next =
    falling.find((score) => score < last) ?? last - Math.max(1e-3, Math.abs(last) * 1e-3);
  const threshold = (last + next) / 2;
  const accepted = scores.filter((score) => score >= threshold).length;
  return { threshold, acceptance: accepted / scores.length };
}

/**
 * Whether so few scores cannot show a threshold that this share of new ones passes: even the lowest refuses more.
 *
 * @example isTooFew(12, 0.95) // true: it takes 19
 */
export function isTooFew(scores: number, share: number): boolean {
  return share * (scores + 1) - 1e-9 > scores;
}
