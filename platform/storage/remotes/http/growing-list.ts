/** More keys than a remote of ours ever has, and few enough to hold. */
const mostKeys = 10_000_000;
/** So many pages in a row may hold nothing new: a bucket may send an empty one. */
const mostOldPages = 20;

/**
 * The keys of a list that comes in pages. A server that says each time that there is more would never let it end.
 *
 * @example const list = growingList(); list.add(['packs/a']); list.keys // Set { 'packs/a' }
 */
export function growingList(most: number = mostKeys): {
  readonly keys: ReadonlySet<string>;
  /** Takes a page. @throws Error if the list has no end */
  add(page: Iterable<string>): void;
} {
  const keys = new Set<string>();
  let old = 0;
  return {
    keys,
    add(page) {
      const before = keys.size;
      for (const key of page) keys.add(key);
      old = keys.size > before ? 0 : old + 1;
      if (old > mostOldPages)
        throw new Error('its list has no end: page after page names nothing new');
      if (keys.size > most)
        throw new Error(`its list has no end: ${keys.size} names and more to come`);
    },
  };
}
