import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readPicture, refusePhoto } from '../../../../platform/transforms/index.ts';
import { assertPhotos } from '../../../../serving/inference/photo-limits.ts';

const pixels = 20_000;
const flat = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#d62' } });

test('what validation names is what the server refuses, whatever the size and format', async () => {
  const side = fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2500 }));
  const format = fc.constantFrom('jpeg', 'png', 'webp', 'gif', 'tiff');
  await fc.assert(
    fc.asyncProperty(side, side, format, async (width, height, name) => {
      fc.pre(width * height < 200_000);
      const bytes = await flat(width, height).toFormat(name).toBuffer();
      const isRefused = 'reason' in refusePhoto(bytes, pixels);
      const serve = () => assertPhotos([bytes], { pixels, pixelsInFlight: 1e9 });
      if (isRefused) expect(serve).toThrow(/picture/);
      else {
        expect(serve).not.toThrow();
        await expect(readPicture(bytes, 16)).resolves.toMatchObject({ full: { width, height } });
      }
    }),
    { numRuns: 60 },
  );
});

test.each([
  [1, 1000, null],
  [1, 1001, 'its 1 × 1001 pixels are a line, not a picture'],
  [2001, 2, 'its 2001 × 2 pixels are a line, not a picture'],
  [200, 101, 'its 200 × 101 pixels are more than 0.02 million'],
])('a PNG of %i × %i: %s', async (width, height, reason) => {
  const found = refusePhoto(await flat(width, height).png().toBuffer(), pixels);
  expect('reason' in found ? found.reason : null).toBe(reason);
});
