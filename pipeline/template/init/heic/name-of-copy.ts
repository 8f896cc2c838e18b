import { namedFormat } from '../../../../platform/transforms/index.ts';

/**
 * What the copy of a photo is called: HEIC photos become JPEG.
 *
 * @example nameOfCopy('cat/IMG_1.HEIC') // 'cat/IMG_1.HEIC.jpg'
 */
export function nameOfCopy(path: string): string {
  return namedFormat(path) === 'heic' ? `${path}.jpg` : path;
}
