import { extname } from 'node:path';

/** An image format. */
export interface ImageFormat {
  /** Its name in measured properties and findings. */
  readonly name: string;
  /** How it is written in messages. */
  readonly label: string;
  readonly mediaType: string;
  /** Extensions of file names, in lower case, the usual one first. */
  readonly extensions: readonly [string, ...string[]];
  /** The first bytes as latin-1 text; `.` stands for any byte. */
  readonly signature: RegExp;
  /** Whether Mainstem decodes it. Others are known by name only, so that a message can name them. */
  readonly readable: boolean;
  /** Whether the mark that ends such a picture is missing; left out where the format has none. */
  readonly endsEarly?: (content: Buffer) => boolean;
}

/** Every format that Mainstem recognises; only those that are `readable` are decoded. */
export const imageFormats: readonly ImageFormat[] = [
  {
    name: 'jpeg',
    label: 'JPEG',
    mediaType: 'image/jpeg',
    extensions: ['jpg', 'jpeg', 'jfif'],
    signature: /^\xff\xd8\xff/s,
    readable: true,
    // The end of image must follow the last start of scan: a thumbnail inside EXIF has an end of its own.
    endsEarly: (content) => {
      const scan = content.lastIndexOf('ffda', undefined, 'hex');
      return scan < 0 || content.indexOf('ffd9', scan, 'hex') < 0;
    },
  },
  {
    name: 'png',
    label: 'PNG',
    mediaType: 'image/png',
    extensions: ['png'],
    signature: /^\x89PNG\r\n/s,
    readable: true,
    endsEarly: (content) => !content.includes('IEND', 0, 'latin1'),
  },
  {
    name: 'webp',
    label: 'WebP',
    mediaType: 'image/webp',
    extensions: ['webp'],
    signature: /^RIFF....WEBP/s,
    readable: true,
    endsEarly: (content) => content.length < 12 || content.readUInt32LE(4) + 8 > content.length,
  },
  {
    name: 'avif',
    label: 'AVIF',
    mediaType: 'image/avif',
    extensions: ['avif'],
    signature: /^....ftypavi[fs]/s,
    readable: true,
  },
  {
    name: 'gif',
    label: 'GIF',
    mediaType: 'image/gif',
    extensions: ['gif'],
    signature: /^GIF8[79]a/s,
    readable: true,
    endsEarly: (content) => content.at(-1) !== 0x3b,
  },
  {
    name: 'tiff',
    label: 'TIFF',
    mediaType: 'image/tiff',
    extensions: ['tif', 'tiff'],
    signature: /^(II\*\0|MM\0\*)/s,
    readable: true,
  },
  {
    name: 'heic',
    label: 'HEIC',
    mediaType: 'image/heic',
    extensions: ['heic', 'heif'],
    signature: /^....ftyp(hei|hev|mif1|msf1)/s,
    readable: false,
  },
];

const readable = imageFormats.filter((format) => format.readable);

/** The formats that Mainstem reads, for a sentence: `JPEG, PNG, WebP, AVIF, GIF or TIFF`. */
export const readableNames: string = readable
  .map(({ label }) => label)
  .join(', ')
  .replace(/, (\w+)$/, ' or $1');

/** The format that the first bytes promise, readable or not; null for anything else. */
export function imageFormat(bytes: Uint8Array): ImageFormat | null {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return imageFormats.find(({ signature }) => signature.test(head)) ?? null;
}

/**
 * The name of the format that a file's extension promises; the extension itself where no format has it.
 *
 * @example namedFormat('good/1.JPG') // 'jpeg'
 */
export function namedFormat(path: string): string {
  const extension = extname(path).slice(1).toLowerCase();
  return imageFormats.find(({ extensions }) => extensions.includes(extension))?.name ?? extension;
}

/** Whether a file has the name of a picture that Mainstem reads. */
export function hasImageName(path: string): boolean {
  const name = namedFormat(path);
  return readable.some((format) => format.name === name);
}
