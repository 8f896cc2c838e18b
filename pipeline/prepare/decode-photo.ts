import { decodeImage } from '../../platform/transforms/index.ts';

/** A photo as it is stored, and how many pixels on a side the network takes. */
export interface EncodedPhoto {
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** A photo as the network sees it. @throws MainstemError IMAGE_UNREADABLE, IMAGE_TOO_LARGE, IMAGE_TOO_SLOW */
export function decodePhoto({ bytes, size }: EncodedPhoto): Promise<Uint8Array> {
  return decodeImage(bytes, size);
}
