import { hasImageName, namedFormat } from '../../../platform/transforms/index.ts';

/** Whether a file has the name of a photo, one that has to be converted first included. */
export function hasPhotoName(path: string): boolean {
  // "1.jpg " is what a file manager shows as "1.jpg"; lock takes it, and so must whatever comes before.
  const shown = path.trimEnd();
  return hasImageName(shown) || namedFormat(shown) === 'heic';
}
