import type { Digest } from '../../lib/hash.ts';
import type { ManifestEntry } from '../../schemas/index.ts';
import type { ThreeSides } from './join-lines.ts';

/** The files of a dataset that was changed on two sides of a merge. */
export interface JoinedEntries {
  /** Sorted by path; without those that both sides changed differently. */
  readonly entries: readonly ManifestEntry[];
  /** Files that both sides changed differently; undefined where a side removed it or never had it. */
  readonly disputed: readonly ThreeSides<ManifestEntry | undefined>[];
}

/**
 * Joins two lists of files that were changed from the same one: what one side added, removed or changed is as that side
 * has it.
 */
export function joinEntries(sides: ThreeSides<readonly ManifestEntry[]>): JoinedEntries {
  const [base, ours, theirs] = [sides.base, sides.ours, sides.theirs].map(byPath);
  const paths = new Set([...sides.ours, ...sides.theirs].map(({ path }) => path));
  const entries: ManifestEntry[] = [];
  const disputed: ThreeSides<ManifestEntry | undefined>[] = [];
  for (const path of [...paths].sort()) {
    const three = { base: base?.get(path), ours: ours?.get(path), theirs: theirs?.get(path) };
    const joined = joinOne(three, (entry) => entry?.digest);
    if (joined === 'disputed') disputed.push(three);
    else if (joined) entries.push(joined);
  }
  return { entries, disputed };
}

/**
 * What a merge makes of one thing: that of the side that changed it.
 *
 * @param identify gives what is equal for equal things
 */
export function joinOne<T>(
  { base, ours, theirs }: ThreeSides<T>,
  identify: (thing: T) => Digest | string | undefined,
): T | 'disputed' {
  const [before, mine, other] = [base, ours, theirs].map(identify);
  if (mine === other || before === other) return ours;
  return before === mine ? theirs : 'disputed';
}

function byPath(entries: readonly ManifestEntry[]): ReadonlyMap<string, ManifestEntry> {
  return new Map(entries.map((entry) => [entry.path, entry]));
}
