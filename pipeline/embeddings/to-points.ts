import type { TableColumn, TablePreprocessing } from '../../platform/schemas/index.ts';
import type { PreparedData } from '../prepare/index.ts';
import type { Space } from './space.ts';

/** Pixels per side of the small pictures. */
const smallSide = 16;

/** Features of a backbone: only their direction counts, not how strong they are. */
export function featurePoints(data: PreparedData, rows: readonly number[]): Space {
  const points = new Float32Array(rows.length * data.rowLength);
  data.fill(points, rows);
  return withUnitLength({ kind: 'features', width: data.rowLength, points });
}

/** Makes every point one step long from the origin, in place. */
export function withUnitLength(space: Space): Space {
  const { width, points } = space;
  for (let first = 0; first < points.length; first += width) {
    const point = points.subarray(first, first + width);
    const length = Math.sqrt(point.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) for (let at = 0; at < width; at++) point[at] = (point[at] ?? 0) / length;
  }
  return space;
}

/**
 * Rows of a table: numbers in standard deviations, categories as one number for each value. What trees take as codes is laid
 * out in the same way.
 */
export function columnPoints(data: PreparedData, rows: readonly number[]): Space {
  const { preprocessing } = data.index;
  if (preprocessing.kind !== 'table') throw new TypeError('only a table has columns');
  const values = new Float32Array(rows.length * data.rowLength);
  data.fill(values, rows);
  if (preprocessing.encoding !== 'codes') {
    return { kind: 'columns', width: data.rowLength, points: values };
  }
  return { kind: 'columns', ...spreadCodes(values, data.rowLength, preprocessing) };
}

function spreadCodes(
  values: Float32Array,
  length: number,
  { columns }: TablePreprocessing,
): Pick<Space, 'width' | 'points'> {
  const spans = columns.flatMap(spansOf);
  const width = spans.reduce((sum, span) => sum + Math.max(1, span), 0);
  const count = values.length / length;
  const points = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    let offset = row * width;
    for (let at = 0; at < length; at++) {
      const [value, span] = [values[row * length + at] ?? 0, spans[at] ?? 0];
      if (!Number.isNaN(value)) points[offset + (span > 0 ? value : 0)] = span > 0 ? 1 : value;
      offset += Math.max(1, span);
    }
  }
  return { width, points };
}

/** For each number of a column as trees take it: of how many values it is the position, or 0 if it is a quantity. */
function spansOf(column: TableColumn): number[] {
  if (column.kind === 'category') {
    return column.target ? column.target.parts.map(() => 0) : [column.values.length];
  }
  return column.kind === 'date' ? column.parts.map(() => 0) : [0];
}

/** Photos as 16 × 16 pixels without their mean brightness and contrast, so that a lighter copy is the same point. */
export function pixelPoints(data: PreparedData, rows: readonly number[]): Space {
  const { preprocessing } = data.index;
  if (preprocessing.kind !== 'image') throw new TypeError('only photos have pixels');
  return picturePoints(
    rows.map((row) => data.row(row)),
    preprocessing.size,
  );
}

/** The same of decoded pictures. @param side pixels per side */
export function picturePoints(pictures: readonly Uint8Array[], side: number): Space {
  const small = Math.min(side, smallSide);
  const width = small * small * 3;
  const points = new Float32Array(pictures.length * width);
  for (const [position, picture] of pictures.entries()) {
    const point = points.subarray(position * width, (position + 1) * width);
    shrink(picture, side, point, small);
    const mean = point.reduce((sum, value) => sum + value, 0) / width;
    for (let at = 0; at < width; at++) point[at] = (point[at] ?? 0) - mean;
  }
  return withUnitLength({ kind: 'pixels', width, points });
}

/** The means of the pixels that fall into each small one. */
function shrink(pixels: Uint8Array, side: number, target: Float32Array, small: number): void {
  const placeOf = Int32Array.from({ length: side }, (_, at) => Math.floor((at * small) / side));
  const counts = new Float32Array(small);
  for (const place of placeOf) counts[place] = (counts[place] ?? 0) + 1;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [down, across] = [placeOf[y] ?? 0, placeOf[x] ?? 0];
      const share = 1 / ((counts[down] ?? 1) * (counts[across] ?? 1));
      const [to, from] = [(down * small + across) * 3, (y * side + x) * 3];
      for (let channel = 0; channel < 3; channel++) {
        target[to + channel] = (target[to + channel] ?? 0) + (pixels[from + channel] ?? 0) * share;
      }
    }
  }
}
