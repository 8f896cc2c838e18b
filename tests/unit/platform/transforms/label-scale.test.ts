import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromLabelScale, toLabelScale } from '../../../../platform/transforms/index.ts';

const labels = fc.double({ min: 1e-30, max: 1e30, noNaN: true });

test('a label comes back in its own unit', () => {
  fc.assert(
    fc.property(labels, (label) => {
      const back = fromLabelScale(toLabelScale(label, 'log'), 'log');
      expect(back / label).toBeCloseTo(1, 10);
      expect(fromLabelScale(toLabelScale(label, undefined), undefined)).toBe(label);
    }),
  );
});

test('whatever a model says is a label that float32 can hold', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      const label = Math.fround(fromLabelScale(value, 'log'));
      expect(label).toBeGreaterThan(0);
      expect(label).toBeLessThan(Number.POSITIVE_INFINITY);
    }),
  );
});
