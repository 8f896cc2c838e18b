import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../../../platform/lib/random.ts';
import { classSpread, degreesOf } from '../../../../../platform/quality/index.ts';

describe('the spread by class', () => {
  test('counts what is within each class by its size, and how far classes are from the mean of all', () => {
    // Around 3: a has −2 and 0 (within 2, times 4; between 2), b has 2 (between 4).
    expect(classSpread([1, 3, 5], ['a', 'a', 'b'])).toEqual({ squares: 14, parts: 100 + 16 });
  });

  test('is 0 where all numbers are equal, and then there are no fewer degrees than ever so many', () => {
    const spread = classSpread([2, 2, 2], ['a', 'b', 'b']);
    expect(spread).toEqual({ squares: 0, parts: 0 });
    expect(degreesOf([spread])).toBe(Number.POSITIVE_INFINITY);
  });

  test('has about as many degrees as the examples of the class that spreads most', () => {
    const random = createRandom('degrees');
    const labels = Array.from({ length: 1000 }, (_, at) => (at < 12 ? 'rare' : 'common'));
    const values = labels.map((label) => random.normal() * (label === 'rare' ? 50 : 1));
    const degrees = degreesOf([classSpread(values, labels)]);
    expect(degrees).toBeGreaterThan(10.9);
    expect(degrees).toBeLessThan(13);
  });

  test('of several values has more degrees together than each alone, and never fewer than two', () => {
    const few = classSpread([0, 1, 5, 9], ['a', 'a', 'b', 'b']);
    expect(degreesOf([few, few, few, few])).toBeGreaterThan(degreesOf([few]));
    expect(degreesOf([few])).toBeGreaterThanOrEqual(2);
  });
});
