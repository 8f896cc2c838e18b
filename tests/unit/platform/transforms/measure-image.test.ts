import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measurePicture } from '../../../../platform/transforms/index.ts';
import { resample } from '../../../../platform/transforms/resample.ts';

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** What the properties are by definition, in the simplest way. */
function define({ width, height, pixels }: Pixels) {
  const channel = (offset: number) =>
    Array.from({ length: width * height }, (_, at) => pixels[4 * at + offset] ?? 0);
  const [red, green, blue] = [channel(0), channel(1), channel(2)];
  const luminance = red.map((r, at) => 299 * r + 587 * (green[at] ?? 0) + 114 * (blue[at] ?? 0));
  const edges = luminance.flatMap((value, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return [];
    const around = [at - 1, at + 1, at - width, at + width].map((near) => luminance[near] ?? 0);
    return [around.reduce((sum, near) => sum + near, -4 * value)];
  });
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = (values: readonly number[]) =>
    values.length === 0 ? 0 : mean(values.map((value) => (value - mean(values)) ** 2)) / 1e6;
  return {
    brightness: mean(luminance) / 1000,
    contrast: Math.sqrt(variance(luminance)),
    sharpness: variance(edges),
    ...{ red: mean(red), green: mean(green), blue: mean(blue) },
  };
}

const pictures = fc
  .tuple(fc.integer({ min: 1, max: 21 }), fc.integer({ min: 1, max: 9 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: 4 * width * height, maxLength: 4 * width * height })
      .map((pixels): Pixels => ({ width, height, pixels })),
  );

test('brightness, contrast, sharpness and colours are what their definitions say, at every size', () => {
  fc.assert(
    fc.property(pictures, (picture) => {
      const { width, height } = picture;
      const found = measurePicture({
        ...{ ...picture, full: { width, height }, format: 'png', orientation: 1 },
      });
      for (const [name, value] of Object.entries(define(picture)))
        expect(Reflect.get(found, name), name).toBeCloseTo(value, 6);
    }),
  );
});

test('the largest picture that is measured has exact sums', () => {
  const [width, height] = [128, 128];
  const pixels = Uint8Array.from({ length: 4 * width * height }, (_, at) => {
    const [x, y] = [(at >> 2) % width, Math.floor((at >> 2) / width)];
    return (x + y) % 2 === 0 ? 255 : 0;
  });
  const picture = { width, height, pixels, full: { width, height }, format: 'png', orientation: 1 };
  expect(measurePicture(picture)).toMatchObject({
    ...{ brightness: 127.5, contrast: 127.5, red: 127.5, green: 127.5, blue: 127.5 },
    sharpness: (4 * 255) ** 2,
  });
});

test('a picture that is too large is measured as its copy of 128 pixels is, whatever its sides', () => {
  const sides = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(sides, sides, fc.nat(), (width, height, seed) => {
      fc.pre(Math.max(width, height) > 128);
      const pixels = Uint8Array.from({ length: 4 * width * height }, (_, at) => (at * seed) >> 3);
      const [full, rest] = [
        { width, height },
        { format: 'png', orientation: 1 },
      ];
      const scale = Math.max(width, height) / 128;
      const sideOf = (length: number) => Math.max(1, Math.round(length / scale));
      const size = { width: sideOf(width), height: sideOf(height) };
      const copy = resample({ pixels, ...full }, { left: 0, top: 0, ...full }, size);
      expect(measurePicture({ pixels, ...full, full, ...rest })).toEqual(
        measurePicture({ ...copy, full, ...rest }),
      );
    }),
    { numRuns: 60 },
  );
});
