import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binWidth, findSplit, isMember, type Sums } from '../../../../pipeline/trees/find-split.ts';

/** A row of a node: its bin (null is missing) and its gradient; the hessian is 1. */
interface Row {
  readonly bin: number | null;
  readonly gradient: number;
}

function sumsOf(rows: readonly Row[]): Sums {
  const gradient = rows.reduce((sum, row) => sum + row.gradient, 0);
  return { gradient, hessian: rows.length, rows: rows.length };
}

function histogramOf(rows: readonly Row[], count: number): Float64Array {
  const histogram = new Float64Array((count + 1) * binWidth);
  for (const { bin, gradient } of rows) {
    const at = (bin ?? count) * binWidth;
    histogram.set(
      [gradient, 1, 1].map((added, part) => added + (histogram[at + part] ?? 0)),
      at,
    );
  }
  return histogram;
}

const score = ({ gradient, hessian }: Sums, l2: number) => gradient ** 2 / (hessian + l2);

/** The gain of sending some rows left; null if a side would have too few. */
function gainOf(
  rows: readonly Row[],
  goesLeft: (row: Row) => boolean,
  { minimumRows, l2 }: { minimumRows: number; l2: number },
): number | null {
  const left = rows.filter(goesLeft);
  const right = rows.filter((row) => !goesLeft(row));
  if (Math.min(left.length, right.length) < minimumRows) return null;
  return score(sumsOf(left), l2) + score(sumsOf(right), l2) - score(sumsOf(rows), l2);
}

const bins = 6;
const row = fc.record({
  bin: fc.option(fc.integer({ min: 0, max: bins - 1 }), { freq: 4 }),
  gradient: fc.integer({ min: -8, max: 8 }),
});
const rules = fc.record({
  minimumRows: fc.integer({ min: 1, max: 5 }),
  l2: fc.constantFrom(0, 1, 5),
});

test('of numbers it finds the best of all edges and both sides for missing values', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), rules, (rows, limits) => {
      const candidates = Array.from({ length: bins }, (_, edge) =>
        [true, false].map((missingLeft) =>
          gainOf(rows, ({ bin }) => (bin === null ? missingLeft : bin <= edge), limits),
        ),
      ).flat();
      const best = Math.max(0, ...candidates.map((gain) => gain ?? 0));
      const edges = new Float32Array(bins - 1);
      const histogram = histogramOf(rows, bins);
      const split = findSplit(histogram, { count: bins, edges }, sumsOf(rows), limits);
      expect(split?.gain ?? 0).toBeCloseTo(best, 9);
      if (!split) return;
      const left = rows.filter(({ bin }) => (bin === null ? split.missingLeft : bin <= split.bin));
      expect(split.left).toEqual(sumsOf(left));
    }),
  );
});

test('of categories it finds the best of all sets where each is common enough', () => {
  const gradients = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 6 });
  const limits = { minimumRows: 1, l2: 0 };
  fc.assert(
    fc.property(gradients, fc.boolean(), (means, lastIsMissing) => {
      const last = means.length - 1;
      const rows = means.flatMap((gradient, category) =>
        Array.from({ length: 12 }, () => ({
          bin: lastIsMissing && category === last ? null : category,
          gradient,
        })),
      );
      const count = lastIsMissing ? last : means.length;
      const place = (bin: number | null) => bin ?? count;
      const sets = Array.from({ length: 2 ** means.length }, (_, set) => set);
      const gains = sets.map((set) =>
        gainOf(rows, ({ bin }) => ((set >>> place(bin)) & 1) === 1, limits),
      );
      const histogram = histogramOf(rows, count);
      const split = findSplit(histogram, { count, edges: null }, sumsOf(rows), limits);
      expect(split?.gain ?? 0).toBeCloseTo(Math.max(0, ...gains.map((gain) => gain ?? 0)), 9);
      if (!split?.members) return;
      const { members } = split;
      const left = rows.filter(({ bin }) => isMember(members, place(bin)));
      expect(split.left.rows).toBe(left.length);
      if (lastIsMissing) expect(split.missingLeft).toBe(isMember(members, count));
    }),
  );
});

test('a rare category never goes left: its mean would be chance', () => {
  const rare = Array.from({ length: 3 }, () => ({ bin: 0, gradient: -9 }));
  const common = [1, 2].flatMap((bin) =>
    Array.from({ length: 20 }, () => ({ bin, gradient: bin === 1 ? -2 : 2 })),
  );
  const rows = [...rare, ...common];
  const split = findSplit(histogramOf(rows, 3), { count: 3, edges: null }, sumsOf(rows), {
    minimumRows: 1,
    l2: 0,
  });
  expect([0, 1, 2].map((bin) => split?.members && isMember(split.members, bin))).toContain(true);
  expect(split?.members && isMember(split.members, 0)).toBe(false);
});

test('without missing values in training, later ones go to the side with more rows', () => {
  const rows = [0, 0, 0, 1].map((bin) => ({ bin, gradient: bin === 0 ? -1 : 1 }));
  const split = findSplit(
    histogramOf(rows, 2),
    { count: 2, edges: Float32Array.of(0) },
    sumsOf(rows),
    { minimumRows: 1, l2: 0 },
  );
  expect(split).toMatchObject({ bin: 0, missingLeft: true });
});
