const mostGroups = 50;
/** The 97.5 % quantile of Student's t with 49 degrees of freedom; with fewer groups it would be a little more. */
const quantile = 2.0096;

/**
 * A statistic of examples with its 95 % interval by the delete-a-group jackknife (Shao and Tu, The Jackknife and
 * Bootstrap, 1995): it is computed again without each of 50 groups, which is 20 times faster than a bootstrap and needs no
 * chance.
 *
 * @param examples at least 20; the groups are every 50th of them
 * @example jackknife(differences, mean) // { value: 0.012, low: −0.004, high: 0.028 }
 */
export function jackknife<Example>(
  examples: readonly Example[],
  statistic: (examples: readonly Example[]) => number,
): { readonly value: number; readonly low: number; readonly high: number } {
  const groups = Math.min(mostGroups, examples.length);
  const without = Array.from({ length: groups }, (_, group) =>
    statistic(examples.filter((_example, index) => index % groups !== group)),
  );
  const middle = without.reduce((sum, value) => sum + value, 0) / groups;
  const squares = without.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const half = quantile * Math.sqrt(((groups - 1) / groups) * squares);
  const value = statistic(examples);
  return { value, low: value - half, high: value + half };
}
