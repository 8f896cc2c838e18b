import sharp from 'sharp';

/** The pictures in a file that can be decoded: more than one in an animation or a TIFF of several pages. */
export async function countFrames(bytes: Uint8Array): Promise<number> {
  const { pages } = await sharp(bytes).metadata();
  return pages ?? 1;
}
