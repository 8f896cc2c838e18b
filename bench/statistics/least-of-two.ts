/** Of so few tests as these it does not matter. */
const next = 1e-9;
const significant = 0.05;

/** How many examples two classes have, and how likely one of each is answered differently by two equally good models. */
export interface TwoClasses {
  readonly counts: readonly [number, number];
  readonly differ: readonly [number, number];
}

/**
 * What no interval of a difference of balanced accuracy can go below where nothing has changed, if it raises no more than 5 % false
 * alarms whatever shares of both classes differ: of so many flips in each it can leave out 0 at most for those differences whose
 * chance alone is no more than that. Of tests in which anything differs.
 */
export function leastOfTwo({ counts: [rare, common], differ }: TwoClasses): number {
  const [likely, other] = [binomial(rare, differ[0]), binomial(common, differ[1])];
  const [most, mostOther] = [mostLikely(rare), mostLikely(common)];
  let [rejected, all] = [0, 0];
  for (const [flips, chance] of likely.entries()) {
    for (const [others, also] of other.entries()) {
      if (flips + others === 0 || chance * also < next) continue;
      const limit = significant / ((most[flips] ?? 1) * (mostOther[others] ?? 1));
      rejected += chance * also * largestTail([flips, others], [rare, common], limit);
      all += chance * also;
    }
  }
  return 1 - Math.min(significant, rejected / all);
}

/** The largest chance of differences at either end that is within a limit, where each flip goes either way alike. */
function largestTail(
  [flips, others]: readonly [number, number],
  [rare, common]: readonly [number, number],
  limit: number,
): number {
  const sizes = new Map<number, number>();
  const [here, there] = [binomial(flips, 0.5), binomial(others, 0.5)];
  for (const [fixed, chance] of here.entries()) {
    for (const [also, second] of there.entries()) {
      const size = Math.abs((2 * fixed - flips) * common + (2 * also - others) * rare);
      sizes.set(size, (sizes.get(size) ?? 0) + chance * second);
    }
  }
  let tail = 0;
  for (const [size, chance] of [...sizes].sort(([a], [b]) => b - a)) {
    if (size === 0 || tail + chance > limit) break;
    tail += chance;
  }
  return tail;
}

/** How likely so many of some trials hit. */
function binomial(count: number, share: number): Float64Array {
  const odds = Math.log(share) - Math.log1p(-share);
  let at = count * Math.log1p(-share);
  return Float64Array.from({ length: count + 1 }, (_, hits) => {
    const chance = Math.exp(at);
    at += Math.log((count - hits) / (hits + 1)) + odds;
    return chance;
  });
}

/** How likely so many hits are at most, whatever the share. */
function mostLikely(count: number): Float64Array {
  return Float64Array.from({ length: count + 1 }, (_, hits) =>
    hits === 0 || hits === count ? 1 : (binomial(count, hits / count)[hits] ?? 1),
  );
}
