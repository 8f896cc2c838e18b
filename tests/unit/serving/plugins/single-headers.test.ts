import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findRepeated } from '../../../../serving/plugins/single-headers.ts';

test('what may be said once is found when it is said twice, in any letter case and place', () => {
  const single = fc.constantFrom('Host', 'content-type', 'Content-Encoding', 'AUTHORIZATION');
  const other = fc.constantFrom('Accept', 'X-Forwarded-For', 'Via', 'Cookie');
  const property = fc.property(
    fc.array(other),
    single,
    fc.array(other),
    fc.array(other),
    (before, name, between, after) => {
      const raw = (names: readonly string[]) => names.flatMap((one) => [one, 'value']);
      expect(findRepeated(raw([...before, name, ...between, ...after]))).toBeNull();
      const twice = [...before, name.toUpperCase(), ...between, name.toLowerCase(), ...after];
      expect(findRepeated(raw(twice))).toBe(name.toLowerCase());
    },
  );
  fc.assert(property);
});
