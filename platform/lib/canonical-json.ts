/**
 * JSON with sorted keys and no spaces, so that equal values give equal bytes (RFC 8785 for the values we
 * use: finite numbers, strings, booleans, null, arrays, plain objects). `undefined` members are left out.
 *
 * @throws TypeError for a number that JSON cannot represent (NaN, Infinity).
 * @example canonicalJson({ b: [1, null], a: 'x', c: undefined }) // '{"a":"x","b":[1,null]}'
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`${value} has no JSON form`);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
