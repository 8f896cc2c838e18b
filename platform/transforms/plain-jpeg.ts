import { isSrgbProfile } from './is-srgb-profile.ts';

/** What must be known of a JPEG before it is decoded. */
export interface PlainJpeg {
  /** Pixels as stored, before turning it upright. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation 1..8; 1 where it has none. */
  readonly orientation: number;
}

/** The same of one that need not be plain. */
export interface JpegHeader extends PlainJpeg {
  readonly isPlain: boolean;
  /** Whether every reader finds this orientation: it has no EXIF at all, or one that says it as the standard asks. */
  readonly isOriented: boolean;
}

/**
 * Parses the header of a JPEG that is plain: at most a million pixels, baseline, 8 bits, grey or colour, all in one scan, in
 * sRGB as far as it says.
 * Nearly every camera and program writes such files; they are decoded in one pass, at reduced size, in bounded time.
 *
 * @returns null for a file that is not plain, or not a JPEG at all
 * @example parsePlainJpeg(await readFile('photo.jpg')) // { width: 800, height: 600, orientation: 6 }
 */
export function parsePlainJpeg(bytes: Uint8Array): PlainJpeg | null {
  const header = parseJpegHeader(bytes);
  if (!header?.isPlain) return null;
  const { width, height, orientation } = header;
  return { width, height, orientation };
}

/**
 * Parses the header of a JPEG that libjpeg-turbo decodes to sRGB by itself: Huffman-coded, 8 bits, grey or colour, of any
 * size, in one scan or in several.
 *
 * @returns null for any other file
 */
export function parseJpegHeader(bytes: Uint8Array): JpegHeader | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: Frame | null = null;
  let orientation: Orientation | null = null;
  let exifs = 0;
  for (let at = 2; at + 4 <= view.length; ) {
    const marker = view[at + 1] ?? 0;
    if (view[at] !== 0xff || hasNoLength(marker)) return null;
    const segment = view.subarray(at + 4, at + 2 + view.readUInt16BE(at + 2));
    if (marker === scanMarker) {
      const header = headerOf(frame, orientation?.value ?? 1, segment[0]);
      const isOriented = exifs === 0 || (exifs === 1 && orientation?.isPlain === true);
      return header && { ...header, isOriented };
    }
    if (isFrame(marker)) {
      if (frame) return null;
      frame = parseFrame(marker, segment);
      if (!frame) return null;
    }
    if (marker === 0xe1 && segment.toString('latin1', 0, 4) === 'Exif') {
      exifs += 1;
      orientation ??= parseOrientation(segment);
    }
    if (needsProfile(marker, segment)) return null;
    at += 2 + Math.max(2, view.readUInt16BE(at + 2));
  }
  return null;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly isProgressive: boolean;
}

const scanMarker = 0xda;

/** Fill bytes, restart marks, and starts or ends of images: rare before the scan, and read elsewhere. */
const hasNoLength = (marker: number) => marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9);

/** Start of frame: C0 to CF but for the tables among them. */
const isFrame = (marker: number) => marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Colours that are not sRGB as they are must be converted by their profile, which may come in several parts. */
function needsProfile(marker: number, segment: Buffer): boolean {
  if (marker !== 0xe2 || segment.toString('latin1', 0, 12) !== 'ICC_PROFILE\0') return false;
  const isWhole = segment[12] === 1 && segment[13] === 1;
  return !isWhole || !isSrgbProfile(segment.subarray(14));
}

/** Huffman-coded, baseline or progressive, of 8 bits, grey or of three colours; null for everything else. */
function parseFrame(marker: number, segment: Buffer): Frame | null {
  if (marker > 0xc2 || segment.length < 6 || segment[0] !== 8) return null;
  const components = segment.readUInt8(5);
  if (components !== 1 && components !== 3) return null;
  const size = { height: segment.readUInt16BE(1), width: segment.readUInt16BE(3) };
  return { ...size, components, isProgressive: marker === 0xc2 };
}

/** Larger ones gain little, and libvips decodes several side by side without holding up the thread that asks. */
const mostPixels = 1_000_000;

/** With several scans all coefficients are kept in memory, as in a progressive JPEG. */
function headerOf(
  frame: Frame | null,
  orientation: number,
  scanned?: number,
): Omit<JpegHeader, 'isOriented'> | null {
  if (!frame || frame.width === 0 || frame.height === 0) return null;
  const { width, height, components, isProgressive } = frame;
  const isPlain = !isProgressive && scanned === components && width * height <= mostPixels;
  return { width, height, orientation, isPlain };
}

interface Orientation {
  readonly value: number;
  /** Whether it is written as one short number, in a directory that is where it should be. */
  readonly isPlain: boolean;
}

/** The orientation in the first directory of an EXIF segment; null where the segment has none. */
function parseOrientation(segment: Buffer): Orientation | null {
  if (segment.length < 14 || segment.toString('latin1', 0, 6) !== 'Exif\0\0') return null;
  const tiff = segment.subarray(6);
  const order = tiff.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return null;
  const read16 = (at: number) => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const read32 = (at: number) => (order === 'II' ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const directory = read32(4);
  if (directory + 2 > tiff.length) return null;
  for (let entry = directory + 2; entry + 12 <= tiff.length; entry += 12) {
    if (entry >= directory + 2 + 12 * read16(directory)) return null;
    if (read16(entry) !== orientationTag) continue;
    const value = read16(entry + 8);
    const isPlain = read16(2) === 42 && read16(entry + 2) === shortType && read32(entry + 4) === 1;
    return value >= 1 && value <= 8 ? { value, isPlain } : null;
  }
  return null;
}

const orientationTag = 0x0112;
/** TIFF's SHORT: two bytes. */
const shortType = 3;
