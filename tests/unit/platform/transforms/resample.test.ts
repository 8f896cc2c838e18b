import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { resample } from '../../../../platform/transforms/resample.ts';

const sides = fc.integer({ min: 1, max: 40 });

test('a plain colour stays exactly what it is, at any size', () => {
  const colour = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255));
  fc.assert(
    fc.property(colour, sides, sides, sides, sides, (rgb, width, height, toWidth, toHeight) => {
      const source = { pixels: plain(rgb, width * height), width, height };
      const size = { width: toWidth, height: toHeight };
      const { pixels } = resample(source, { left: 0, top: 0, width, height }, size);
      expect(pixels).toEqual(plain(rgb, toWidth * toHeight));
    }),
  );
});

test('at its own size a picture stays exactly what it is', () => {
  fc.assert(
    fc.property(sides, sides, fc.infiniteStream(fc.nat(255)), (width, height, values) => {
      const pixels = Uint8Array.from([...values.take(width * height * 4)]);
      const box = { left: 0, top: 0, width, height };
      expect(resample({ pixels, width, height }, box, { width, height }).pixels).toEqual(pixels);
    }),
  );
});

test('a cut in the middle is what libvips makes of it, but for a few levels', async () => {
  const [width, height, side] = [90, 60, 60];
  const raw = { width, height, channels: 4 } as const;
  const pixels = Uint8Array.from({ length: width * height * 4 }, (_, at) => {
    const [x, y] = [Math.floor(at / 4) % width, Math.floor(at / 4 / width)];
    return at % 4 === 3 ? 255 : 128 + 100 * Math.sin(x / 9 + (at % 4)) * Math.cos(y / 13);
  });
  const box = { left: (width - side) / 2, top: 0, width: side, height: side };
  const ours = resample({ pixels, width, height }, box, { width: 16, height: 16 }).pixels;
  const theirs = await sharp(pixels, { raw })
    .extract(box)
    .resize(16, 16, { kernel: 'lanczos3' })
    .raw()
    .toBuffer();
  const inner = ours.filter((_, at) => at % 64 > 8 && at % 64 < 56);
  const others = theirs.filter((_, at) => at % 64 > 8 && at % 64 < 56);
  inner.forEach((value, at) => {
    expect(Math.abs(value - (others[at] ?? 0))).toBeLessThanOrEqual(3);
  });
});

function plain(rgb: readonly number[], count: number): Uint8Array {
  return Uint8Array.from({ length: count * 4 }, (_, at) => rgb[at % 4] ?? 255);
}
