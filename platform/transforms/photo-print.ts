import { cropPicture } from './decode-image.ts';
import { type Picture, readPicture } from './picture.ts';

/** What a photo looks like from afar, to find others that look the same. */
export interface PhotoPrint {
  /** Luminance of 8 × 8 fields, without mean and of length 1. */
  readonly coarse: Float32Array;
  /** Luminance of 16 × 16 fields that overlap, so that small turns and shifts change little. */
  readonly fine: Float32Array;
}

const side = 32;
/** Pixels per side that a print is made from. */
export const printedSide = side;
/** Fields per side of {@link PhotoPrint.fine}. */
export const fineSide = 16;

/**
 * Reads a photo's print.
 *
 * @throws MainstemError IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export async function readPhotoPrint(bytes: Uint8Array): Promise<PhotoPrint> {
  return printPicture(await readPicture(bytes, printedSide));
}

/** The print of a picture that has been decoded. @param picture at least {@link printedSide} pixels a side, if it has them */
export function printPicture(picture: Picture): PhotoPrint {
  const pixels = cropPicture(picture, side);
  const luminance = Float32Array.from({ length: side * side }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at * 3, at * 3 + 3);
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  });
  return {
    coarse: normalize(shrink(luminance, 4, [1, 1, 1, 1])),
    fine: shrink(luminance, 2, [1, 3, 3, 1]),
  };
}

/** Weighted means around the middle of every field of `step` × `step` pixels. */
function shrink(luminance: Float32Array, step: number, weights: readonly number[]): Float32Array {
  const fields = side / step;
  const start = (step - weights.length) / 2;
  const shrunk = new Float32Array(fields * fields);
  for (let field = 0; field < shrunk.length; field++) {
    const top = Math.floor(field / fields) * step + start;
    const left = (field % fields) * step + start;
    let [sum, total] = [0, 0];
    for (const [down, weightDown] of weights.entries()) {
      for (const [right, weightRight] of weights.entries()) {
        const [y, x] = [top + down, left + right];
        if (y < 0 || x < 0 || y >= side || x >= side) continue;
        sum += (luminance[y * side + x] ?? 0) * weightDown * weightRight;
        total += weightDown * weightRight;
      }
    }
    shrunk[field] = sum / total;
  }
  return shrunk;
}

function normalize(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const length = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? centred : centred.map((value) => value / length);
}
