/**
 * How many items there are of each name, in the order in which names first appear. Names are other people's words, so
 * they may be `constructor` or `__proto__`: nothing is looked up on an object.
 *
 * @param countOf how many one item stands for.
 * @example countBy(['a', 'b', 'a'], (name) => name) // { a: 2, b: 1 }
 */
export function countBy<Item>(
  items: Iterable<Item>,
  nameOf: (item: Item) => string,
  countOf: (item: Item) => number = () => 1,
): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const name = nameOf(item);
    counts.set(name, (counts.get(name) ?? 0) + countOf(item));
  }
  return Object.fromEntries(counts);
}
