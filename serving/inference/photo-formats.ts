import { servedFormats } from '../../platform/lib/served-formats.ts';
import { imageFormats } from '../../platform/transforms/index.ts';

const served = imageFormats.filter(({ name }) => servedFormats.includes(name));

/** Media types of the formats that the server decodes, for requests and file choosers. */
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
