import { servedFormats } from '../../platform/lib/served-photos.ts';
import { imageFormats, servedNames } from '../../platform/transforms/index.ts';

const served = imageFormats.filter(({ name }) => servedFormats.includes(name));

/** Media types of the formats that the server decodes, for requests and file choosers. */
export const photoMediaTypes: readonly string[] = served.map(({ mediaType }) => mediaType);

/** For a sentence: `JPEG, PNG or WebP`. */
export const photoFormatNames: string = servedNames;
