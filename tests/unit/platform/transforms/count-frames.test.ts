import sharp from 'sharp';
import { expect, test } from 'vitest';
import { countFrames } from '../../../../platform/transforms/index.ts';

const still = (background: string) =>
  sharp({ create: { width: 8, height: 8, channels: 3, background } });

async function animation() {
  const frames = await Promise.all(
    ['red', 'green', 'blue'].map((colour) => still(colour).png().toBuffer()),
  );
  return sharp(frames, { join: { animated: true } });
}

/** A PNG with the chunk that says of how many frames it is. */
async function animatedPng(frames: number): Promise<Buffer> {
  const png = await still('red').png().toBuffer();
  const chunk = Buffer.alloc(20);
  chunk.writeUInt32BE(8, 0);
  chunk.write('acTL', 4, 'latin1');
  chunk.writeUInt32BE(frames, 8);
  const header = 33;
  return Buffer.concat([png.subarray(0, header), chunk, png.subarray(header)]);
}

test('an animation holds several pictures', async () => {
  expect(await countFrames(await (await animation()).gif().toBuffer())).toBe(3);
  expect(await countFrames(await (await animation()).webp().toBuffer())).toBe(3);
  expect(await countFrames(await animatedPng(4))).toBe(4);
  const sequence = await still('red').avif().toBuffer();
  sequence.write('avis', 8, 'latin1');
  expect(await countFrames(sequence)).toBe(2);
});

test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
  'a still %s is one',
  async (format) => {
    expect(await countFrames(await still('red').toFormat(format).toBuffer())).toBe(1);
  },
);

test('what cannot be read, or is cut off, is one', async () => {
  expect(await countFrames(await animatedPng(1))).toBe(1);
  const gif = await (await animation()).gif().toBuffer();
  const png = await animatedPng(4);
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('no picture'),
    gif.subarray(0, 12),
    png.subarray(0, 36),
  ]) {
    expect(await countFrames(bytes)).toBe(1);
  }
});
