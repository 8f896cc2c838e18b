import { hasImageName, namedFormat } from '../../../platform/transforms/index.ts';

/** Whether a file has the name of a photo, one that has to be converted first included. */
export function hasPhotoName(path: string): boolean {
  return hasImageName(path) || namedFormat(path) === 'heic';
}
