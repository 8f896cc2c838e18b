import { MainstemError } from '../../platform/lib/errors.ts';
import { mostUnequalSides } from '../../platform/lib/served-photos.ts';
import { type PhotoHeader, refusePhoto } from '../../platform/transforms/index.ts';

/** What the server decodes. */
export interface PhotoLimits {
  /** Most pixels of a photo; a JPEG that shrinks while it is decoded may have `shrinkFactor` times as many. */
  readonly pixels: number;
  /** Most pixels to decode at once, each counted with its {@link PhotoHeader.effort}. */
  readonly pixelsInFlight: number;
}

/**
 * Rejects photos by their headers alone, before anything is decoded.
 *
 * @returns for each photo its pixels: the most that its decoder may find.
 * @throws MainstemError IMAGE_UNREADABLE, IMAGE_LINE, IMAGE_TOO_LARGE with the photo's position, from 0, in `details.file`
 */
export function assertPhotos(
  photos: readonly Uint8Array[],
  limits: PhotoLimits,
): { readonly pixels: readonly number[]; readonly effort: number } {
  const headers = photos.map((photo, file) => assertPhoto(photo, file, limits));
  const effort = headers.reduce((sum, header) => sum + header.effort * pixelsOf(header), 0);
  if (effort > limits.pixelsInFlight) throw tooMuchAtOnce(headers, limits);
  return { pixels: headers.map(pixelsOf), effort };
}

/** One photo has a limit of its own, as its pixels may take more effort than others. */
function tooMuchAtOnce(
  [first, ...others]: readonly PhotoHeader[],
  { pixelsInFlight }: PhotoLimits,
): MainstemError {
  if (others.length > 0 || !first) {
    return new MainstemError('IMAGE_TOO_LARGE', { name: 'the request', limit: pixelsInFlight });
  }
  const limit = Math.floor(pixelsInFlight / first.effort);
  return new MainstemError('IMAGE_TOO_LARGE', { name: 'the picture', limit, file: 0 });
}

const pixelsOf = ({ width, height }: PhotoHeader) => width * height;

function assertPhoto(photo: Uint8Array, file: number, { pixels }: PhotoLimits): PhotoHeader {
  const found = refusePhoto(photo, pixels);
  if (!('reason' in found)) return found;
  const { reason, limit, isLine } = found;
  const name = 'the picture';
  if (isLine)
    throw new MainstemError('IMAGE_LINE', { name, reason, times: mostUnequalSides, file });
  if (limit !== undefined) throw new MainstemError('IMAGE_TOO_LARGE', { name, limit, file });
  throw new MainstemError('IMAGE_UNREADABLE', { name, reason, file });
}
