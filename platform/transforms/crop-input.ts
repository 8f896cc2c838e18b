import type { ImagePreprocessing } from '../schemas/index.ts';
import { middleOf } from './decode-image.ts';
import { bytesOf, heapOf, placesOf } from './kernels.ts';
import { type Raster, resampleInPlace } from './resample.ts';
import { scaleImage } from './scale-image.ts';

/**
 * The network's input of a picture: `scaleImage` of `cropPicture`, to the last bit, without the steps between.
 *
 * @returns size × size × 3 numbers, row-major
 */
export function cropInput(
  picture: Raster,
  preprocessing: ImagePreprocessing,
): Float32Array<ArrayBuffer> {
  const { size } = preprocessing;
  const input = new Float32Array(size * size * 3);
  const part = resampleInPlace(picture, middleOf(picture), { width: size, height: size });
  const { kernels, at, stride, end } = part;
  const table = tableOf(preprocessing);
  const [tableAt = 0, inputAt = 0, last = 0] = placesOf([table.byteLength, input.byteLength]).map(
    (place) => end + place,
  );
  heapOf(kernels, last).set(bytesOf(table), tableAt);
  kernels.scale(at, tableAt, inputAt, size, size, stride);
  input.set(new Float32Array(kernels.memory.buffer, inputAt, input.length));
  return input;
}

let known: { readonly scale: number; readonly offset: number; readonly table: Float32Array } = {
  ...{ scale: Number.NaN, offset: Number.NaN },
  table: new Float32Array(256),
};

/** What each of 256 shades is for the network. */
function tableOf({ scale, offset, ...rest }: ImagePreprocessing): Float32Array {
  if (known.scale === scale && known.offset === offset) return known.table;
  const table = new Float32Array(256);
  const shades = Uint8Array.from(table, (_, shade) => shade);
  scaleImage(shades, { scale, offset, ...rest }, table, 0);
  known = { scale, offset, table };
  return table;
}
