import { expect, test } from 'vitest';
import { predictOutOfFold, type Space } from '../../../../pipeline/embeddings/index.ts';
import { createRandom } from '../../../../platform/lib/random.ts';

const random = createRandom('two heaps');
const labels = Array.from({ length: 200 }, (_, at) => at % 2);
const groups = labels.map((_, at) => `group ${at}`);

/** The share of points whose likeliest class is their label. */
function shareRight(shares: Float64Array, truth: readonly number[]): number {
  const right = truth.filter((label, at) => (shares[at * 2 + label] ?? 0) > 0.5);
  return right.length / truth.length;
}

function heapsOf(width: number, apart: number): Space {
  const points = labels.flatMap((label) =>
    Array.from({ length: width }, () => random.normal() + (label - 0.5) * apart),
  );
  return { kind: 'features', width, points: Float32Array.from(points) };
}

test('heaps that lie apart are recognised out of fold, in few axes and in very many', () => {
  for (const width of [3, 1500]) {
    const shares = predictOutOfFold(heapsOf(width, 4), { labels, classes: 2, groups });
    expect(shareRight(shares, labels)).toBeGreaterThan(0.95);
    for (let at = 0; at < labels.length; at++) {
      expect((shares[at * 2] ?? 0) + (shares[at * 2 + 1] ?? 0)).toBeCloseTo(1, 9);
    }
  }
});

test('labels that points say nothing of are not learnt by heart', () => {
  const shares = predictOutOfFold(heapsOf(40, 0), { labels, classes: 2, groups });
  expect(Math.abs(shareRight(shares, labels) - 0.5)).toBeLessThan(0.15);
});

test('a label is not learnt from a copy of its example in the same group', () => {
  const width = 300;
  const space = heapsOf(width, 0);
  const copies = labels.map((_, at) => `pair ${Math.floor(at / 2)}`);
  // Every second point is a copy of the one before, with its label.
  const points = space.points.slice();
  for (let at = 1; at < 200; at += 2) points.copyWithin(at * width, (at - 1) * width, at * width);
  const paired = labels.map((_, at) => Math.floor(at / 2) % 2);
  const copied = { ...space, points };
  const apart = predictOutOfFold(copied, { labels: paired, classes: 2, groups });
  const together = predictOutOfFold(copied, { labels: paired, classes: 2, groups: copies });
  expect(shareRight(apart, paired)).toBeGreaterThan(0.75);
  expect(shareRight(together, paired)).toBeLessThan(0.65);
});

test('the same points give the same bits', () => {
  const space = heapsOf(10, 1);
  const asked = { labels, classes: 2, groups };
  expect(predictOutOfFold(space, asked)).toEqual(predictOutOfFold(space, asked));
});
