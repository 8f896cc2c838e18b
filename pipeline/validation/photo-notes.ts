import exifr from 'exifr';
import { imageFormat } from '../../platform/transforms/index.ts';

/** Tags of EXIF, IPTC and XMP that say where a photo was taken. */
export const placeTags: readonly string[] = [
  ...['latitude', 'GPSLatitude', 'GPSLongitude', 'GPSPosition', 'GPSDestLatitude'],
  ...['City', 'SubLocation', 'Sublocation', 'Location', 'LocationCreated', 'LocationShown'],
];

/**
 * The names of the tags with which a camera or a program described a photo beside its pixels: EXIF, IPTC and XMP, in whatever
 * format the photo is, and also where it cannot be decoded. Empty ones are left out.
 *
 * @example (await readPhotoNotes(photo)).has('GPSLatitude') // true
 */
export async function readPhotoNotes(bytes: Uint8Array): Promise<ReadonlySet<string>> {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const names = new Set(known.has(imageFormat(whole)?.name) ? await readTags(whole) : []);
  for (const block of [whole, ...(await readBlocks(whole))]) {
    for (const exif of findExif(block)) for (const name of await readTags(exif)) names.add(name);
    for (const packet of findXmp(block)) for (const name of namesInXmp(packet)) names.add(name);
  }
  return names;
}

/** What exifr reads whole; in a damaged HEIC or AVIF it may never find the end. */
const known = new Set<string | undefined>(['jpeg', 'png', 'tiff']);

const parts = { tiff: true, exif: true, gps: true, ifd1: true, iptc: true, xmp: true };

/** Nothing where exifr cannot read it, of which it throws or keeps a note among the tags. */
async function readTags(bytes: Buffer): Promise<string[]> {
  const notes: unknown = await exifr.parse(bytes, parts).catch(() => null);
  return Object.entries(Object(notes)).flatMap(([name, value]) =>
    name === 'errors' || isEmpty(value) ? [] : [name],
  );
}

/** A camera without a fix writes nothing, or 0/0 degrees. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isEmpty);
  return value === undefined || value === null || value === '' || Number.isNaN(value);
}

/** What the decoder finds where the format packs it: in compressed chunks, or without a mark of its own. */
async function readBlocks(bytes: Buffer): Promise<Buffer[]> {
  if (!imageFormat(bytes)?.readable) return [];
  const { default: sharp } = await import('sharp');
  const found = await sharp(bytes, { limitInputPixels: false, failOn: 'none' })
    .metadata()
    .catch(() => null);
  const profiles = (found?.comments ?? []).flatMap(({ keyword, text }) =>
    /^Raw profile type /i.test(keyword) ? [parseProfile(text)] : [],
  );
  return [found?.exif, found?.xmp, ...profiles].filter((block) => block !== undefined);
}

/** What ImageMagick makes of a block in a PNG: its name, its length, and its bytes in hexadecimal digits. */
function parseProfile(text: string): Buffer {
  const digits = text.trimStart().split('\n').slice(2).join('');
  return Buffer.from(digits.replaceAll(/\s/g, ''), 'hex');
}

const [exifMark, tiffMarks] = ['Exif\0\0', ['II*\0', 'MM\0*']];
/** A photo has a few; bytes that look like them by chance must not cost time. */
const mostBlocks = 16;

/** The EXIF blocks of a file or of a part of it, each from its TIFF header on. */
function findExif(block: Buffer): Buffer[] {
  const marked = placesOf(block, exifMark).map((at) => block.subarray(at + exifMark.length));
  return [block, ...marked].filter((part) => tiffMarks.includes(part.toString('latin1', 0, 4)));
}

/** The XMP packets; one that ends nowhere goes on to the end. */
function findXmp(block: Buffer): string[] {
  return placesOf(block, '<rdf:RDF').map((at) => {
    const end = block.indexOf('</rdf:RDF>', at, 'latin1');
    return block.toString('latin1', at, end < 0 ? undefined : end);
  });
}

function placesOf(block: Buffer, mark: string): number[] {
  const places: number[] = [];
  let at = block.indexOf(mark, 0, 'latin1');
  for (; at >= 0 && places.length < mostBlocks; at = block.indexOf(mark, at + 1, 'latin1'))
    places.push(at);
  return places;
}

/** The local names of attributes and elements that are not empty. */
function namesInXmp(packet: string): string[] {
  const attributes = packet.matchAll(/[\s][\w-]+:(\w+)\s*=\s*(?:"[^"]|'[^'])/g);
  const elements = packet.matchAll(/<[\w-]+:(\w+)(?:\s[^<>]*[^<>/]|\s*)>(?!\s*<\/)/g);
  return [...attributes, ...elements].flatMap(([, name]) => name ?? []);
}
