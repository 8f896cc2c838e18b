import { crc32 } from 'node:zlib';
import { imageFormat } from './image-formats.ts';

/**
 * A photo without what it says beside its pixels: no place, time, camera, comment or hidden second picture. The pixels stay as
 * they are, byte by byte, with the colour profile, and how the camera was held, if that matters.
 *
 * @returns null for what is not a JPEG, PNG or WebP, or not built like one
 * @example stripPhoto(await readFile('IMG_0001.jpg'))?.length // 183204, where the file has 201877
 */
export function stripPhoto(bytes: Uint8Array): Uint8Array | null {
  const strip = strippers[imageFormat(bytes)?.name ?? ''];
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return strip?.(view) ?? null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const strippers: Readonly<Record<string, (bytes: Buffer) => Buffer | null>> = {
  jpeg: stripJpeg,
  png: stripPng,
  webp: stripWebp,
};

const exifMark = Buffer.from('Exif\0\0');
const noBytes = Buffer.alloc(0);

/** @throws RangeError past the end of a header */
function stripJpeg(bytes: Buffer): Buffer | null {
  const kept: Buffer[] = [];
  let orientation = 1;
  for (let at = 2; ; ) {
    const marker = markerAt(bytes, at);
    // A picture that is cut off is decoded as far as it goes.
    if (marker === null) break;
    if (marker.code === 0xd9) {
      kept.push(bytes.subarray(marker.at, marker.at + 2));
      break;
    }
    const end = marker.at + 2 + bytes.readUInt16BE(marker.at + 2);
    if (end > bytes.length) return null;
    const content = bytes.subarray(marker.at + 4, end);
    if (marker.code === 0xe1 && startsWith(content, exifMark) && orientation === 1)
      orientation = readOrientation(content.subarray(exifMark.length));
    at = marker.code === 0xda ? endOfScan(bytes, end) : end;
    if (isNeeded(marker.code, content)) kept.push(bytes.subarray(marker.at, at));
  }
  return Buffer.concat([bytes.subarray(0, 2), exifSegment(orientation), ...kept]);
}

/** A marker may have any number of FF before it; null at the end. @throws RangeError where there is something else */
function markerAt(bytes: Buffer, from: number): { code: number; at: number } | null {
  let at = from;
  while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at += 1;
  if (at + 1 >= bytes.length) return null;
  const code = bytes.readUInt8(at + 1);
  if (bytes[at] !== 0xff || code < 0xc0) throw new RangeError('not a marker');
  return { code, at };
}

/** Where the next marker after the compressed pixels is: FF 00 is a byte of theirs, and FF D0 to D7 are among them. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1] ?? 0;
    if (code !== 0 && code !== 0xff && (code < 0xd0 || code > 0xd7)) return at;
  }
  return bytes.length;
}

const [jfif, profile] = [Buffer.from('JFIF\0'), Buffer.from('ICC_PROFILE\0')];

/** Of the segments for applications those that say how to decode the pixels; no comment. */
function isNeeded(code: number, content: Buffer): boolean {
  if (code === 0xe0) return startsWith(content, jfif) && content.length === 14;
  if (code === 0xe2) return startsWith(content, profile);
  if (code === 0xee) return startsWith(content, Buffer.from('Adobe'));
  return code !== 0xfe && !(code >= 0xe0 && code <= 0xef);
}

function exifSegment(orientation: number): Buffer {
  if (orientation === 1) return noBytes;
  const content = Buffer.concat([exifMark, renderOrientation(orientation)]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

/** Chunks that decoders need: pixels, colours, transparency and, of a moving picture, its frames. */
const pngChunks = new Set(
  'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT'.split(' '),
);

function stripPng(bytes: Buffer): Buffer | null {
  const kept: Buffer[] = [];
  let orientation = 1;
  for (let at = 8; ; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + length;
    if (end > bytes.length) return null;
    if (type === 'eXIf') orientation = readOrientation(bytes.subarray(at + 8, end - 4));
    if (pngChunks.has(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IEND') break;
    at = end;
  }
  const [first = noBytes, ...others] = kept;
  return Buffer.concat([bytes.subarray(0, 8), first, pngExif(orientation), ...others]);
}

function pngExif(orientation: number): Buffer {
  if (orientation === 1) return noBytes;
  const content = Buffer.concat([Buffer.from('eXIf'), renderOrientation(orientation)]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length - 4);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, sum]);
}

const webpChunks = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
/** In the flags of VP8X: that there is EXIF, and that there is XMP. */
const [hasExif, hasXmp] = [0x08, 0x04];

function stripWebp(bytes: Buffer): Buffer | null {
  const kept: Buffer[] = [];
  let orientation = 1;
  const size = Math.min(bytes.length, 8 + bytes.readUInt32LE(4));
  for (let at = 12; at + 8 <= size; ) {
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    if (at + 8 + length > size) return null;
    if (type === 'EXIF') orientation = readOrientation(bytes.subarray(at + 8, at + 8 + length));
    if (webpChunks.has(type)) kept.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  for (const chunk of kept) {
    if (chunk.toString('latin1', 0, 4) !== 'VP8X') continue;
    chunk[8] = ((chunk[8] ?? 0) & ~(hasExif | hasXmp)) | (orientation === 1 ? 0 : hasExif);
  }
  const content = Buffer.concat([Buffer.from('WEBP'), ...kept, webpExif(orientation)]);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(content.length, 4);
  return kept.length === 0 ? null : Buffer.concat([head, content]);
}

function webpExif(orientation: number): Buffer {
  if (orientation === 1) return noBytes;
  const content = renderOrientation(orientation);
  const head = Buffer.from('EXIF\0\0\0\0', 'latin1');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

const orientationTag = 0x0112;

/** How the camera was held, from the first directory of EXIF; 1 where it does not say. */
function readOrientation(exif: Buffer): number {
  const tiff = startsWith(exif, exifMark) ? exif.subarray(exifMark.length) : exif;
  const order = tiff.toString('latin1', 0, 2);
  if ((order !== 'II' && order !== 'MM') || tiff.length < 10) return 1;
  const read16 = (at: number) => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return 1;
  const end = Math.min(tiff.length - 12, directory + 2 + 12 * (read16(directory) - 1));
  for (let entry = directory + 2; entry <= end; entry += 12) {
    if (read16(entry) !== orientationTag) continue;
    const value = read16(entry + 8);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** EXIF that says nothing but how the camera was held: one directory with one entry. */
function renderOrientation(orientation: number): Buffer {
  const exif = Buffer.alloc(26);
  exif.write('MM', 'latin1');
  exif.writeUInt16BE(42, 2);
  exif.writeUInt32BE(8, 4);
  exif.writeUInt16BE(1, 8);
  exif.writeUInt16BE(orientationTag, 10);
  exif.writeUInt16BE(3, 12);
  exif.writeUInt32BE(1, 14);
  exif.writeUInt16BE(orientation, 18);
  return exif;
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start);
}
