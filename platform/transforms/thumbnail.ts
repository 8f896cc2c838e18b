import { openImage, withImageErrors } from './open-image.ts';

const side = 200;

/**
 * A small copy of a picture as a `data:` address: decoded and encoded again, so that nothing of the file but what is seen
 * is left (no place, no time, no camera).
 *
 * @throws MainstemError IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export function renderThumbnail(bytes: Uint8Array): Promise<string> {
  return withImageErrors({}, async () => {
    const image = await openImage(bytes);
    const small = await image
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 75 })
      .toBuffer();
    return `data:image/webp;base64,${small.toString('base64')}`;
  });
}
