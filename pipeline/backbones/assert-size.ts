import { MainstemError } from '../../platform/lib/errors.ts';
import type { ImagePreprocessing } from '../../platform/schemas/index.ts';
import type { Backbone } from './parse-backbone.ts';

/** Pictures must be as large as a backbone takes them. @throws MainstemError BACKBONE_UNSUPPORTED */
export function assertSize(
  { size }: Pick<Backbone, 'size'>,
  preprocessing: ImagePreprocessing,
  path: string,
): void {
  if (size === null || size === preprocessing.size) return;
  const reason = `it takes pictures of ${size} pixels, but imageSize is ${preprocessing.size}`;
  throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason });
}
