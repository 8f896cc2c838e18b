import { imageFormats } from '../../platform/transforms/index.ts';

/**
 * The formats that the server decodes: what browsers, cameras and phones send. Training reads more, but untrusted
 * bytes reach as few decoders as possible, and only those whose size is known before they are decoded.
 */
const served = imageFormats.filter(({ name }) => ['jpeg', 'png', 'webp'].includes(name));

/** Their media types, for requests and file choosers. */
export const photoMediaTypes: readonly string[] = served.map(({ mediaType }) => mediaType);

/** For a sentence: `JPEG, PNG or WebP`. */
export const photoFormatNames: string = served
  .map(({ label }) => label)
  .join(', ')
  .replace(/, (\w+)$/, ' or $1');

/** Whether the server decodes the format with this name. */
export function isServedFormat(name: string): boolean {
  return served.some((format) => format.name === name);
}
