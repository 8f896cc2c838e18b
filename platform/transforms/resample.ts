import { bytesOf, heapOf, type Kernels, openKernels, placesOf } from './kernels.ts';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels of four bytes: red, green, blue and one that means nothing; rows from the top. */
export interface Raster extends Size {
  readonly pixels: Uint8Array;
}

/** A part of a raster, in its pixels; its borders may lie within a pixel. */
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * Resizes a part of a picture (Lanczos of three lobes, widened where it shrinks, so that nothing is skipped) in whole
 * numbers: the same bytes on every machine.
 */
export function resample(source: Raster, box: Box, size: Size): Raster {
  const { heap, at, stride } = resampleInPlace(source, box, size);
  return { pixels: cutRows(heap.subarray(at), size, stride), ...size };
}

/** A resized part of a picture in the memory of the kernels, until they are asked for something else. */
export interface ResampledPart {
  readonly kernels: Kernels;
  readonly heap: Uint8Array;
  /** Where it begins. */
  readonly at: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
  /** Where free memory begins. */
  readonly end: number;
}

/** Does what {@link resample} does, without taking the result out of the kernels' memory. */
export function resampleInPlace(source: Raster, box: Box, size: Size): ResampledPart {
  const across = weightsOf(source.width, { start: box.left, length: box.width }, size.width);
  const down = weightsOf(source.height, { start: box.top, length: box.height }, size.height);
  // Rows that do not count are left out, and the last one has a neighbour, which weighs nothing.
  const firstRow = down.firsts[0] ?? 0;
  const rowCount = Math.min(source.height, (down.firsts.at(-1) ?? 0) + 2 * down.pairs) - firstRow;
  const stride = Math.ceil(size.width / 2) * 16;
  const used = source.pixels
    .subarray(firstRow * source.width * 4)
    .subarray(0, rowCount * source.width * 4);
  const kernels = openKernels();
  const places = placesOf([
    used.length + 16,
    across.firsts.byteLength,
    across.values.byteLength,
    down.firsts.byteLength,
    down.values.byteLength,
    (rowCount + 2) * stride,
    (size.height * stride) / 2,
  ]);
  const [pixels = 0, firstsX = 0, weightsX = 0, firstsY = 0, weightsY = 0, rows = 0, out = 0] =
    places;
  const end = places.at(-1) ?? 0;
  const heap = heapOf(kernels, end);
  heap.set(used, pixels);
  heap.set(bytesOf(across.firsts), firstsX);
  heap.set(bytesOf(across.values), weightsX);
  heap.set(bytesOf(down.firsts.map((first) => first - firstRow)), firstsY);
  heap.set(bytesOf(down.values), weightsY);
  kernels.resampleAcross(
    ...[pixels, rows, firstsX, weightsX, source.width, rowCount, size.width, stride, across.pairs],
  );
  kernels.resampleDown(rows, out, firstsY, weightsY, size.height, stride, down.pairs);
  return { kernels, heap, at: out, stride: stride / 2, end };
}

/** Rows without what pads them. */
function cutRows(padded: Uint8Array, { width, height }: Size, stride: number): Uint8Array {
  if (width * 4 === stride) return padded.slice(0, height * stride);
  const rows = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    rows.set(padded.subarray(y * stride, y * stride + width * 4), y * width * 4);
  }
  return rows;
}

/** For each place of the result the first pixel of the source that counts, and what it and the next ones weigh. */
interface Weights {
  readonly firsts: Int32Array;
  /** Two for each pair of each place, whole numbers that sum to {@link one} for each place. */
  readonly values: Int16Array;
  readonly pairs: number;
}

const lobes = 3;
const one = 1 << 14;

/** Photos of one camera are all cut and shrunk alike. */
const known = new Map<string, Weights>();
const mostKnown = 32;

function weightsOf(
  length: number,
  part: { readonly start: number; readonly length: number },
  size: number,
): Weights {
  const key = `${length} ${part.start} ${part.length} ${size}`;
  const found = known.get(key);
  if (found) return found;
  if (known.size >= mostKnown) known.clear();
  const weights = buildWeights(length, part, size);
  known.set(key, weights);
  return weights;
}

function buildWeights(
  length: number,
  part: { readonly start: number; readonly length: number },
  size: number,
): Weights {
  const step = part.length / size;
  const scale = Math.max(step, 1);
  const pairs = Math.ceil(Math.min(length, lobes * scale * 2) / 2);
  const taps = 2 * pairs;
  const firsts = new Int32Array(size);
  const values = new Int16Array(size * taps);
  const exact = new Float64Array(taps);
  for (let place = 0; place < size; place++) {
    const centre = part.start + (place + 0.5) * step;
    const first = Math.max(0, Math.min(Math.round(centre - pairs), length - taps));
    firsts[place] = first;
    for (let tap = 0; tap < taps; tap++) {
      exact[tap] = first + tap < length ? lanczos((first + tap + 0.5 - centre) / scale) : 0;
    }
    values.set(roundWeights(exact), place * taps);
  }
  return { firsts, values, pairs };
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= lobes) return 0;
  const turn = Math.PI * x;
  return (lobes * Math.sin(turn) * Math.sin(turn / lobes)) / (turn * turn);
}

/** What rounding takes or adds goes to the heaviest, so that a plain colour stays exactly what it is. */
function roundWeights(exact: Float64Array): Float64Array {
  let sum = 0;
  for (const value of exact) sum += value;
  const rounded = exact.map((value) => Math.round((value / sum) * one));
  let [rest, heaviest] = [one, 0];
  for (let at = 0; at < rounded.length; at++) {
    rest -= rounded[at] ?? 0;
    if ((rounded[at] ?? 0) > (rounded[heaviest] ?? 0)) heaviest = at;
  }
  rounded[heaviest] = (rounded[heaviest] ?? 0) + rest;
  return rounded;
}
