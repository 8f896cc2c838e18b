import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binValues, fitBins } from '../../../../pipeline/trees/fit-bins.ts';
import { mostBins } from '../../../../pipeline/trees/index.ts';
import { mostCodes } from '../../../../platform/transforms/index.ts';

const number = { name: 'x', categories: null };

function binsOf(values: Float32Array, most = mostBins) {
  const bins = fitBins(values, number, most);
  const found = new Uint8Array(values.length);
  binValues(values, bins, found);
  return { bins, found };
}

test('few distinct values have a bin each, with edges halfway between them', () => {
  const { bins, found } = binsOf(Float32Array.of(4, 1, 2, 2, Number.NaN));
  expect(bins).toEqual({ count: 3, edges: Float32Array.of(1.5, 3) });
  expect([...found]).toEqual([2, 0, 1, 1, 3]);
});

test('a value with one decimal between two others falls where their exact middle puts it', () => {
  const tenths = fc.integer({ min: -5000, max: 5000 });
  fc.assert(
    fc.property(tenths, fc.integer({ min: 1, max: 20 }), (first, step) => {
      const [low = 0, value = 0, high = 0] = Float32Array.of(
        first / 10,
        (first + step) / 10,
        (first + 2 * step) / 10,
      );
      const { edges } = fitBins(Float32Array.of(low, high), number, mostBins);
      expect(value <= (edges?.[0] ?? 0)).toBe(value <= (low + high) / 2);
    }),
  );
});

test('a category is its own bin, and a missing one the last', () => {
  const bins = fitBins(Float32Array.of(0, 2), { name: 'kind', categories: 3 }, mostBins);
  const found = new Uint8Array(3);
  binValues(Float32Array.of(2, Number.NaN, 0), bins, found);
  expect(bins).toEqual({ count: 3, edges: null });
  expect([...found]).toEqual([2, 3, 0]);
});

test('a column without a value has one bin', () => {
  expect(binsOf(Float32Array.of(Number.NaN, Number.NaN)).bins.count).toBe(1);
});

test('codes of categories fit into the bins', () => {
  expect(mostCodes).toBe(mostBins);
});

const floats = fc.array(
  fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN)),
  { minLength: 1, maxLength: 300 },
);

test('a value lies at or below the edge of its bin and above the one before: training and ONNX agree', () => {
  fc.assert(
    fc.property(floats, fc.integer({ min: 2, max: 255 }), (numbers, most) => {
      const values = Float32Array.from(numbers);
      const { bins, found } = binsOf(values, most);
      const edges = bins.edges ?? new Float32Array();
      expect(bins.count).toBeLessThanOrEqual(most);
      for (const [row, value] of values.entries()) {
        const bin = found[row] ?? 0;
        if (Number.isNaN(value)) expect(bin).toBe(bins.count);
        else {
          expect(value <= (edges[bin] ?? Number.POSITIVE_INFINITY)).toBe(true);
          expect(value > (edges[bin - 1] ?? Number.NEGATIVE_INFINITY)).toBe(true);
        }
      }
    }),
  );
});

test('bins of many values hold about equally many', () => {
  const values = Float32Array.from({ length: 10_000 }, (_, row) => (row * 7919) % 10_000);
  const { bins, found } = binsOf(values, 50);
  expect(bins.count).toBe(50);
  for (let bin = 0; bin < 50; bin++) {
    expect(found.filter((one) => one === bin).length).toBeCloseTo(200, -1);
  }
});
