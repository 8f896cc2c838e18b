import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../../../platform/lib/random.ts';
import { coverInput } from '../../../../serving/inference/cover-input.ts';
import type { Cover } from '../../../../serving/inference/messages.ts';
import { coverCount, mapEffects, planCovers } from '../../../../serving/inference/occlusion.ts';

/** A photo, and the one place of which a network sees the mean, and nothing else. */
const cases = fc.record({
  size: fc.integer({ min: 7, max: 24 }),
  place: fc.record({ row: fc.nat(6), column: fc.nat(6) }),
  seed: fc.integer(),
});

function photoOf(size: number, seed: number): Float32Array<ArrayBuffer> {
  const random = createRandom(seed);
  return Float32Array.from({ length: size * size * 3 }, () => random.between(-1, 1));
}

interface Place {
  readonly row: number;
  readonly column: number;
}

/** Where the numbers of a place stand in the input. */
function within(size: number, { row, column }: Place): number[] {
  const edge = (place: number) => Math.round((place * size) / 7);
  const found: number[] = [];
  for (let y = edge(row); y < edge(row + 1); y++) {
    for (let at = 3 * edge(column); at < 3 * edge(column + 1); at++) found.push(3 * y * size + at);
  }
  return found;
}

function explain(
  input: Float32Array<ArrayBuffer>,
  size: number,
  network: (input: Float32Array) => number,
) {
  const covers = planCovers(input, size);
  const batch = coverInput({ kind: 'covered', input, size, covers });
  const falls = covers.map((_, index) => {
    const covered = batch.subarray(index * input.length, (index + 1) * input.length);
    return network(input) - network(covered);
  });
  return { covers, ...mapEffects(falls, size) };
}

test('a network that looks at one place only is explained by that place', () => {
  fc.assert(
    fc.property(cases, ({ size, place, seed }) => {
      const input = photoOf(size, seed);
      const seen = within(size, place);
      const look = (photo: Float32Array) =>
        seen.reduce((sum, at) => sum + (photo[at] ?? 0), 0) / seen.length;
      // The place is as bright as can be, so that whatever covers it makes it darker.
      for (const at of seen) input[at] = 1;
      const { effects } = explain(input, size, look);
      const at = effects[place.row]?.[place.column] ?? 0;
      expect(at).toBeGreaterThan(0.1);
      effects.forEach((row, y) => {
        row.forEach((effect, x) => {
          const distance = Math.max(Math.abs(y - place.row), Math.abs(x - place.column));
          if (distance > 1) expect(effect).toBe(0);
          if (distance === 1) expect(effect).toBeLessThan(at);
        });
      });
    }),
    { numRuns: 200 },
  );
});

test('each place is covered as often as any other, with colours of the photo itself', () => {
  const size = 28;
  const input = Float32Array.from({ length: size * size * 3 }, (_, at) => at);
  const covers = planCovers(input, size);
  expect(covers.length).toBe(coverCount);
  const counts = Array.from({ length: size * size }, () => 0);
  for (const { top, left, width, height } of covers) {
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++)
        counts[y * size + x] = (counts[y * size + x] ?? 0) + 1;
    }
  }
  expect(new Set(counts)).toEqual(new Set([8]));
  for (const { colour } of covers) {
    const [red] = colour;
    expect(red % 3).toBe(0);
    expect(colour).toEqual([red, red + 1, red + 2]);
  }
  // Colours from all over the photo: each ninth of it gives some.
  const ninths = covers.map(({ colour: [red] }) => {
    const [y, x] = [Math.floor(red / 3 / size), (red / 3) % size];
    return 3 * Math.floor((3 * y) / size) + Math.floor((3 * x) / size);
  });
  expect(new Set(ninths).size).toBe(9);
});

test('colours that disagree are noise; ones that agree are none', () => {
  const size = 16;
  const input = new Float32Array(size * size * 3);
  const planned = planCovers(input, size);
  const agreeing = mapEffects(
    planned.map(() => 0.2),
    size,
  );
  expect(agreeing.noise).toBe(0);
  expect(agreeing.effects.flat().every((effect) => Math.abs(effect - 0.2) < 1e-12)).toBe(true);
  const disagreeing = mapEffects(
    planned.map((_, index) => (index % 2 === 0 ? 0.1 : -0.1)),
    size,
  );
  expect(disagreeing.effects.flat().every((effect) => Math.abs(effect) < 1e-12)).toBe(true);
  expect(disagreeing.noise).toBeGreaterThan(0.1);
});

test('the noise is three standard errors: effects that are none exceed it seldom', () => {
  const random = createRandom('noise');
  const maps = Array.from({ length: 200 }, () =>
    Array.from({ length: coverCount }, () => random.normal()),
  );
  const beyond = maps.flatMap((falls) => {
    const { effects, noise } = mapEffects(falls, 64);
    return effects.flat().map((effect) => Number(Math.abs(effect) > noise));
  });
  const share = beyond.reduce((sum, one) => sum + one, 0) / beyond.length;
  expect(share).toBeLessThan(0.006);
  expect(share).toBeGreaterThan(0.0005);
});

test('inputs smaller than the map have a place for each pixel', () => {
  for (const size of [1, 2, 3, 6]) {
    const input = Float32Array.from({ length: size * size * 3 }, (_, at) => at);
    const inside = ({ top, left, height, width }: Cover) =>
      height > 0 && width > 0 && top + height <= size && left + width <= size;
    const { covers, effects } = explain(input, size, (seen) => seen[0] ?? 0);
    expect(covers.every(inside)).toBe(true);
    expect(effects.length).toBe(size);
    expect(effects.flat().every(Number.isFinite)).toBe(true);
  }
});
