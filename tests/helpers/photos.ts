import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { colours } from './model-repository.ts';

/** A JPEG whose mean colour is that of a class, or any colour (shares of 255). */
export async function photoOf(
  colour: keyof typeof colours | readonly [number, number, number],
  side = 48,
): Promise<Buffer<ArrayBuffer>> {
  const [r, g, b] = typeof colour === 'string' ? colours[colour] : colour;
  const background = { r: Math.round(r * 255), g: Math.round(g * 255), b: Math.round(b * 255) };
  const image = sharp({ create: { width: side, height: side, channels: 3, background } });
  return Buffer.from(await image.jpeg({ quality: 95 }).toBuffer());
}

/** A watermelon: nothing that the fixture model knows has its colour. */
export const watermelon = [0.2, 0.75, 0.35] as const;

/** A tiny PNG whose header claims another size: what a decompression bomb looks like from outside. */
export async function photoClaiming(width: number, height: number): Promise<Buffer> {
  const background = { r: 255, g: 120, b: 20 };
  const image = sharp({ create: { width: 8, height: 8, channels: 3, background } });
  const png = await image.png().toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}
