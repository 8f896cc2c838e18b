import { MainstemError } from '../../../platform/lib/errors.ts';
import { renderBytes } from '../../../platform/lib/text.ts';

/** Training holds them in memory, and a few times over while they are read. */
const mostBytes = 2 ** 30;

/**
 * How much it is that a network makes of some photos, in words.
 *
 * @param shape of what it makes of one @throws MainstemError FINE_TUNE_UNSUPPORTED if that is too much to train on
 * @example activationSize(660, [7, 7, 192], 'net.onnx') // '24.8 MB (660 × 7 × 7 × 192)'
 */
export function activationSize(photos: number, shape: readonly number[], path: string): string {
  const bytes = shape.reduce((product, size) => product * size, 4 * photos);
  const shown = `${renderBytes(bytes)} (${photos} × ${shape.join(' × ')})`;
  if (bytes <= mostBytes) return shown;
  const reason = `what it makes of the photos where training would begin is ${shown}, and ${renderBytes(mostBytes)} are the most`;
  throw new MainstemError('FINE_TUNE_UNSUPPORTED', { path, reason });
}
