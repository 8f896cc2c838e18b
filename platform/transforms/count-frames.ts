import { imageFormat } from './image-formats.ts';
import { loadSharp } from './load-sharp.ts';

/** Formats that hold one picture only, so that nobody need look. */
const single = new Set(['jpeg']);

/**
 * How many pictures a file holds: more than one in an animation, a sequence or a TIFF of several pages, of which the first
 * is what a model sees. 1 for what cannot be read.
 */
export async function countFrames(bytes: Uint8Array): Promise<number> {
  const name = imageFormat(bytes)?.name ?? '';
  if (name === '' || single.has(name)) return 1;
  if (name === 'png') return countPngFrames(bytes);
  // The decoder counts the stills of such a file, and its sequence as one of them.
  const leastOfSequence = name === 'avif' && brandOf(bytes) === 'avis' ? 2 : 1;
  const sharp = await loadSharp();
  const found = await sharp(bytes)
    .metadata()
    .catch(() => null);
  return Math.max(found?.pages ?? 1, leastOfSequence);
}

function brandOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(8, 12)).toString('latin1');
}

/** The decoder knows nothing of animated PNG: their number stands in a chunk before the first pixels. */
function countPngFrames(bytes: Uint8Array): number {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= content.length; ) {
    const type = content.toString('latin1', at + 4, at + 8);
    if (type === 'acTL') return Math.max(1, content.readUInt32BE(at + 8));
    if (type === 'IDAT') return 1;
    at += 12 + content.readUInt32BE(at);
  }
  return 1;
}
