import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../../../platform/lib/random.ts';

test('one seed gives one stream, and text seeds give unrelated ones', () => {
  const draw = (seed: number | string) => {
    const random = createRandom(seed);
    return [random.next(), random.int(1000), random.normal()];
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw('7/shuffle')).toEqual(draw('7/shuffle'));
  expect(draw('7/shuffle')).not.toEqual(draw('7/augmentation'));
});

test('a shuffle keeps every value and does not touch its argument', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (values, seed) => {
      const before = [...values];
      const mixed = createRandom(seed).shuffle(values);
      expect(values).toEqual(before);
      expect([...mixed].sort()).toEqual([...values].sort());
    }),
  );
});

test('numbers stay within their bounds', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 10_000 }), (seed, limit) => {
      const random = createRandom(seed);
      const whole = random.int(limit);
      expect(whole >= 0 && whole < limit && Number.isInteger(whole)).toBe(true);
      const between = random.between(-2, 3);
      expect(between >= -2 && between < 3).toBe(true);
    }),
  );
});

test('normal draws have mean 0 and deviation 1', () => {
  const random = createRandom(1);
  const draws = Array.from({ length: 20_000 }, () => random.normal());
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
  expect(mean).toBeCloseTo(0, 1);
  expect(variance).toBeCloseTo(1, 1);
});
