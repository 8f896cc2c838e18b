import { isMainstemError } from '../../platform/lib/errors.ts';
import {
  cropInput,
  type ImageProperties,
  measurePicture,
  type Picture,
  readPlainPicture,
} from '../../platform/transforms/index.ts';
import type { Photo } from './messages.ts';

/** A photo as the network and the profile see it. */
export interface SeenPhoto {
  /** [1, size, size, 3], row-major. */
  readonly input: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
  /** Null where they are not wanted. */
  readonly properties: ImageProperties | null;
}

/** The picture of a photo, decoded if it is not yet; null for a JPEG that is damaged or not plain. */
export function readSource({ source, preprocessing }: Photo): Picture | null {
  if (!('jpeg' in source)) return source;
  const { jpeg, maximumPixels } = source;
  try {
    return readPlainPicture(jpeg, preprocessing.size, { maximumPixels });
  } catch (error) {
    if (isMainstemError(error)) return null;
    throw error;
  }
}

/** Crops, scales and measures a picture as training did. */
export function seePhoto(picture: Picture, { preprocessing, measured }: Photo): SeenPhoto {
  const { size } = preprocessing;
  const input = cropInput(picture, preprocessing);
  const properties = measured ? measurePicture(picture) : null;
  return { input, shape: [1, size, size, 3], properties };
}
