import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { placeTags, readPhotoNotes } from '../../../../pipeline/validation/photo-notes.ts';

const background = { r: 90, g: 120, b: 40 };
const plain = () => sharp({ create: { width: 48, height: 32, channels: 3, background } });

const exif = {
  IFD0: { Artist: 'Jen' },
  IFD3: {
    ...{ GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
    ...{ GPSLongitudeRef: 'W', GPSLongitude: '0/1 7/1 0/1' },
  },
};
const packet = (inner: string) =>
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" ' +
  `${inner}</rdf:RDF></x:xmpmeta>`;
const attributes = packet('exif:GPSLatitude="51,30.5N" exif:GPSLongitude="0,7.2W"/>');
const elements = packet(
  '><exif:GPSLatitude>51,30.5N</exif:GPSLatitude></rdf:Description>',
).replaceAll('> <', '>\n<');
const city = packet("photoshop:City='London'/>");
const empty = packet(
  'exif:GPSLatitude="" photoshop:City=\'\'><exif:GPSLongitude/><exif:GPSPosition></exif:GPSPosition></rdf:Description>',
);

const formats: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  JPEG: (picture) => picture.jpeg(),
  PNG: (picture) => picture.png(),
  WebP: (picture) => picture.webp(),
  'WebP without loss': (picture) => picture.webp({ lossless: true }),
  AVIF: (picture) => picture.avif({ effort: 0 }),
  TIFF: (picture) => picture.tiff(),
};

async function isLocated(bytes: Uint8Array): Promise<boolean> {
  const notes = await readPhotoNotes(bytes);
  return placeTags.some((tag) => notes.has(tag));
}

describe.for(Object.entries(formats))('%s', ([, encode]) => {
  test('XMP that says where it was taken is found, however it is written', async () => {
    for (const xmp of [attributes, elements, city])
      expect(await isLocated(await encode(plain()).withXmp(xmp).toBuffer()), xmp).toBe(true);
  });

  test('neither a photo without notes nor one with empty ones is located', async () => {
    expect(await isLocated(await encode(plain()).toBuffer())).toBe(false);
    expect(await isLocated(await encode(plain()).withXmp(empty).toBuffer())).toBe(false);
    const owner = encode(plain()).withExif({ IFD0: { Artist: 'Jen' } });
    expect(await isLocated(await owner.toBuffer())).toBe(false);
  });
});

// libvips writes no EXIF into TIFF; what is in the file's own directory is read below.
const withExif = Object.entries(formats).filter(([name]) => name !== 'TIFF');

describe.for(withExif)('%s', ([name, encode]) => {
  test('EXIF that says so is found, and what else it says', async () => {
    const bytes = await encode(plain()).withExif(exif).toBuffer();
    expect(await isLocated(bytes)).toBe(true);
    expect([...(await readPhotoNotes(bytes))]).toContain('Artist');
  });

  test('it is found in a photo of which a part is missing', async () => {
    const bytes = await encode(plain()).withExif(exif).toBuffer();
    const early = ['JPEG', 'PNG'].includes(name) ? bytes.subarray(0, bytes.length - 40) : bytes;
    expect(await isLocated(early)).toBe(true);
  });
});

/** EXIF as a TIFF of its own: one directory that points to a GPS directory with a latitude and a longitude. */
function tiffWithPlace(): Buffer {
  const bytes = Buffer.alloc(200);
  bytes.write('II*\0', 0, 'latin1');
  bytes.writeUInt32LE(8, 4);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(count, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  };
  bytes.writeUInt16LE(1, 8);
  entry(10, 0x8825, 4, 1, 26);
  bytes.writeUInt16LE(4, 26);
  entry(28, 1, 2, 2, 'N'.charCodeAt(0));
  entry(40, 2, 5, 3, 100);
  entry(52, 3, 2, 2, 'W'.charCodeAt(0));
  entry(64, 4, 5, 3, 124);
  for (const [at, value] of [51, 1, 30, 1, 0, 1, 0, 1, 7, 1, 0, 1].entries())
    bytes.writeUInt32LE(value, 100 + 4 * at);
  return bytes;
}

/** A chunk before the pixels of a PNG; readers of notes do not look at the sum, and decoders only warn. */
async function pngWith(type: string, data: Buffer): Promise<Buffer> {
  const bytes = await plain().png().toBuffer();
  const { crc32 } = await import('node:zlib');
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([bytes.subarray(0, 33), length, typed, sum, bytes.subarray(33)]);
}

describe('where other programs put it', () => {
  test('a TIFF has it in its own directory', async () => {
    expect(await isLocated(tiffWithPlace())).toBe(true);
  });

  test('ImageMagick writes EXIF into a PNG as text in hexadecimal digits, compressed', async () => {
    const block = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiffWithPlace()]);
    const digits = block.toString('hex').replace(/.{72}/g, '$&\n');
    const text = `\nexif\n${String(block.length).padStart(8)}\n${digits}\n`;
    const keyword = Buffer.from('Raw profile type exif\0\0', 'latin1');
    const zipped = deflateSync(Buffer.from(text, 'latin1'));
    expect(await isLocated(await pngWith('zTXt', Buffer.concat([keyword, zipped])))).toBe(true);
  });

  test('XMP in a PNG may be compressed', async () => {
    const head = Buffer.from('XML:com.adobe.xmp\0\x01\0\0\0', 'latin1');
    const data = Buffer.concat([head, deflateSync(Buffer.from(attributes))]);
    expect(await isLocated(await pngWith('iTXt', data))).toBe(true);
  });

  test('a HEIC, which is not decoded, has a block with a mark', async () => {
    const head = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    const block = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiffWithPlace()]);
    expect(await isLocated(Buffer.concat([head, Buffer.alloc(64), block]))).toBe(true);
  });

  test('a camera without a fix writes 0/0, which is no place', async () => {
    const bytes = tiffWithPlace();
    bytes.fill(0, 100, 148);
    expect(await isLocated(bytes)).toBe(false);
  });
});

test.for(['', 'not a photo', 'II*\0', '<rdf:RDF', 'Exif\0\0MM\0*', 'Exif\0\0'.repeat(100_000)])(
  'bytes of another kind have no notes: %j',
  async (text) => {
    expect([...(await readPhotoNotes(Buffer.from(text, 'latin1')))]).toEqual([]);
  },
);
