/**
 * The image formats that the server decodes, by name: what browsers, cameras and phones send. Training reads more, but
 * untrusted bytes reach as few decoders as possible, and only those whose size is known before they are decoded.
 */
export const servedFormats: readonly string[] = ['jpeg', 'png', 'webp'];
