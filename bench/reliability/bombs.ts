import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, createDeflate } from 'node:zlib';

/** Small files that hold many pixels. */
export interface Bombs {
  /** AVIF of 8,000 × 8,000 pixels, about 1 kB. */
  readonly avif: Buffer;
  /** PNG of 10,000 × 10,000 pixels with 16 bits a channel. */
  readonly png: Buffer;
  /** The same, interlaced: nothing of it can be used before all is there. */
  readonly interlaced: Buffer;
}

/**
 * Makes the bombs, which takes some seconds. The AVIF was made beforehand, since encoding it takes longer than anything
 * that is measured: `sharp({ create: { width: 8000, … } }).avif({ effort: 0, quality: 1 })`.
 */
export async function makeBombs(): Promise<Bombs> {
  const [avif, png, interlaced] = await Promise.all([
    readFile(join(import.meta.dirname, 'square-8000.avif')),
    makePng(10_000, false),
    makePng(10_000, true),
  ]);
  return { avif, png, interlaced };
}

/** A black, transparent square. Written by hand, since an encoder would need as much memory as a decoder. */
async function makePng(side: number, interlaced: boolean): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([16, 6, 0, 0, interlaced ? 1 : 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = await deflateZeros(interlaced ? interlacedBytes(side) : side * (1 + side * 8));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** Adam7's seven passes: first column and row, step of columns and of rows. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function interlacedBytes(side: number): number {
  const count = (first: number, step: number) => Math.ceil((side - first) / step);
  return passes.reduce(
    (sum, [x, y, stepX, stepY]) => sum + count(y, stepY) * (1 + count(x, stepX) * 8),
    0,
  );
}

async function deflateZeros(length: number): Promise<Buffer> {
  const stream = createDeflate({ chunkSize: 1 << 18 });
  const zeros = Buffer.alloc(1 << 22);
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  for (let left = length; left > 0; left -= zeros.length) {
    const enough = stream.write(zeros.subarray(0, Math.min(left, zeros.length)));
    if (!enough) await new Promise((resolve) => stream.once('drain', resolve));
  }
  await new Promise<void>((resolve) => stream.once('end', resolve).end());
  return Buffer.concat(parts);
}
