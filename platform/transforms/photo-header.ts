import { imageFormat } from './image-formats.ts';

/** What the first bytes of a photo say about decoding it. */
export interface PhotoHeader {
  /** Pixels as stored, before turning it upright. */
  readonly width: number;
  readonly height: number;
  /** Whether it is decoded at reduced size: a JPEG whose one scan holds all colours. */
  readonly shrinks: boolean;
  /** How many pixels of a plain PNG take as long to decode as one of this photo, as measured. */
  readonly effort: number;
}

/**
 * Reads the size of a JPEG, PNG or WebP from its header, without decoding anything: it takes microseconds, on the
 * caller's thread.
 *
 * @returns null for another format, or a header that is incomplete.
 * @example parsePhotoHeader(png) // { width: 640, height: 480, shrinks: false, effort: 1 }
 */
export function parsePhotoHeader(bytes: Uint8Array): PhotoHeader | null {
  const parse = parsers[imageFormat(bytes)?.name ?? ''];
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const header = parse?.(view) ?? null;
    return header && header.width > 0 && header.height > 0 ? header : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const parsers: Readonly<Record<string, (bytes: Buffer) => PhotoHeader | null>> = {
  jpeg: parseJpeg,
  png: parsePng,
  webp: parseWebp,
};

/** @throws RangeError past the end */
function parseJpeg(bytes: Buffer): PhotoHeader | null {
  let frame: { width: number; height: number; components: number; baseline: boolean } | null = null;
  let at = 2;
  for (;;) {
    while (bytes.readUInt8(at) !== 0xff || bytes.readUInt8(at + 1) === 0xff) at += 1;
    const marker = bytes.readUInt8(at + 1);
    at += 2;
    if (hasNoLength(marker)) continue;
    if (isFrame(marker)) {
      frame = {
        height: bytes.readUInt16BE(at + 3),
        width: bytes.readUInt16BE(at + 5),
        components: bytes.readUInt8(at + 7),
        baseline: marker <= 0xc1,
      };
    }
    if (marker === 0xda) {
      if (!frame) return null;
      // With several scans all coefficients are kept in memory, as in a progressive JPEG.
      const shrinks = frame.baseline && bytes.readUInt8(at + 2) === frame.components;
      return { width: frame.width, height: frame.height, shrinks, effort: shrinks ? 1 / 4 : 1 };
    }
    at += Math.max(2, bytes.readUInt16BE(at));
  }
}

/** A stuffed byte, a restart mark, or a start or end of image. */
const hasNoLength = (marker: number) =>
  marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd9);

/** Start of frame: C0 to CF but for the tables among them. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function parsePng(bytes: Buffer): PhotoHeader {
  const deep = bytes.readUInt8(24) > 8;
  const interlaced = bytes.readUInt8(28) !== 0;
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    shrinks: false,
    effort: (deep ? 2 : 1) * (interlaced ? 4 : 1),
  };
}

function parseWebp(bytes: Buffer): PhotoHeader | null {
  const size = webpSize(bytes, bytes.toString('latin1', 12, 16));
  return size && { ...size, shrinks: false, effort: 1 };
}

/** Widths and heights as in RFC 9649. */
function webpSize(bytes: Buffer, chunk: string): { width: number; height: number } | null {
  if (chunk === 'VP8X') {
    return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  }
  if (chunk === 'VP8L') {
    const packed = bytes.readUInt32LE(21);
    return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
  }
  if (chunk !== 'VP8 ') return null;
  return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
}
