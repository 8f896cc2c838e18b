/**
 * The image formats that the server decodes, by name: what browsers, cameras and phones send. Training reads more, but
 * untrusted bytes reach as few decoders as possible, and only those whose size is known before they are decoded.
 */
export const servedFormats: readonly string[] = ['jpeg', 'png', 'webp'];

/** Pixels of a photo that the server decodes, where MAINSTEM_PIXELS asks for no other limit. */
export const servedPixels = 25_000_000;

/** How many times as many a photo may have that is decoded at reduced size: a JPEG of one scan. */
export const shrinkFactor = 4;

/** A photo whose longer side is more than this many times the shorter one is a line: the square in its middle shows nothing. */
export const mostUnequalSides = 1000;
