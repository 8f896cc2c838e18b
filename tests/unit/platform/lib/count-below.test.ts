import { expect, test } from 'vitest';
import { countBelow } from '../../../../platform/lib/count-below.ts';
import { createRandom } from '../../../../platform/lib/random.ts';

test('as many rising numbers are below a limit as a search of all finds, equal ones too', () => {
  const random = createRandom('count below');
  for (let round = 0; round < 200; round++) {
    const numbers = Float64Array.from({ length: random.int(12) }, () => random.int(6)).sort();
    const limit = random.int(8) - 1;
    expect(countBelow(numbers, limit)).toBe(numbers.filter((number) => number < limit).length);
  }
});
