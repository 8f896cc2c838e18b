import { imageFormat } from '../../platform/transforms/index.ts';

/** What bytes are by their first bytes, such as `jpeg`; `heic` is told apart though it cannot be decoded. */
export function contentFormat(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  return imageFormat(bytes) ?? (/^.{4}ftyp(hei|hev|mif1|msf1)/s.test(head) ? 'heic' : null);
}

const extensions: Readonly<Record<string, string>> = {
  jpg: 'jpeg',
  jfif: 'jpeg',
  tif: 'tiff',
  heif: 'heic',
};

/** What a file's name says that it is. */
export function namedFormat(path: string): string {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  return extensions[extension] ?? extension;
}

/**
 * Whether the mark that ends a picture is missing. Only means something for bytes that cannot be decoded:
 * phones append videos to good photos. Always false for formats without such a mark.
 */
export function endsEarly(bytes: Uint8Array, format: string): boolean {
  return marks[format]?.(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) ?? false;
}

const marks: Readonly<Record<string, (content: Buffer) => boolean>> = {
  // The end of image must follow the last start of scan: a thumbnail inside EXIF has an end of its own.
  jpeg: (content) => {
    const scan = content.lastIndexOf('ffda', undefined, 'hex');
    return scan < 0 || content.indexOf('ffd9', scan, 'hex') < 0;
  },
  png: (content) => !content.includes('IEND', 0, 'latin1'),
  gif: (content) => content.at(-1) !== 0x3b,
  webp: (content) => content.length < 12 || content.readUInt32LE(4) + 8 > content.length,
};
