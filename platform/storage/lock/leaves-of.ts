/**
 * The values in nested objects, as JSON, by their path with dots. A list is one value.
 *
 * @example leavesOf({ split: { seed: 7, fractions: [1, 0, 0] } }) // Map { 'split.seed' → '7', 'split.fractions' → '[1,0,0]' }
 */
export function leavesOf(value: object, prefix = ''): Map<string, string> {
  const leaves = Object.entries(value).flatMap(([name, member]): [string, string][] => {
    if (member === undefined) return [];
    const nested = typeof member === 'object' && member !== null && !Array.isArray(member);
    if (nested) return [...leavesOf(member, `${prefix}${name}.`)];
    return [[`${prefix}${name}`, JSON.stringify(member)]];
  });
  return new Map(leaves);
}
