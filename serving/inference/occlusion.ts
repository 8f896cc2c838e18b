import type { Cover } from './messages.ts';

/** Places per side of a map, or as many as the input has pixels. */
const mostPlaces = 7;
/** Places per side of what is covered at once: one place alone of many hardly changes an answer. */
const span = 2;
/** How often each part is covered, each time with another colour. */
const colours = 2;
/** Effects within as many standard errors may be due to the colours. */
const certainty = 3;

/** How many images are computed for a photo's map at most, beside the photo itself. */
export const coverCount = colours * (mostPlaces + span - 1) ** 2;

/** What covering a photo's parts did to a number. */
export interface OcclusionEffects {
  /** By how much the number falls, on average, when a part that contains the place is covered; rows from the top. */
  readonly effects: readonly (readonly number[])[];
  /** Smaller effects may be due to the colours that covered the parts. */
  readonly noise: number;
}

/**
 * Plans what of a photo is covered: squares of two places per side, one place apart, each with two colours. Some reach over the
 * edge, so that every place is in as many as any other. The colours are those of pixels all over the photo itself, by a fixed
 * pattern: the same photo always gives the same map.
 *
 * @param input [size, size, 3] as the network sees the photo, row-major.
 * @returns the covers of one part after another, in the order that {@link mapEffects} expects.
 */
export function planCovers(input: Float32Array, size: number): Cover[] {
  const places = placesOf(size);
  const edge = (place: number) => Math.round((clamp(place, places) * size) / places);
  return partsOf(size).flatMap(([row, column], part) =>
    Array.from({ length: colours }, (_, at) => {
      const [top, left] = [edge(row), edge(column)];
      const [height, width] = [edge(row + span) - top, edge(column + span) - left];
      const colour = colourAt(input, size, colours * part + at + 1);
      return { top, left, height, width, colour };
    }),
  );
}

/**
 * Makes the map of a photo from what its covered copies were answered with.
 *
 * @param falls by how much the number falls with each of {@link planCovers}.
 */
export function mapEffects(falls: readonly number[], size: number): OcclusionEffects {
  const parts = partsOf(size).map(([top, left], part) => {
    const same = falls.slice(colours * part, colours * (part + 1));
    return { top, left, fall: meanOf(same), spread: varianceOf(same) };
  });
  const fallAt = (row: number, column: number) => {
    const around = parts.filter(
      ({ top, left }) => row >= top && row < top + span && column >= left && column < left + span,
    );
    return meanOf(around.map(({ fall }) => fall));
  };
  const places = Array.from({ length: placesOf(size) }, (_, place) => place);
  const effects = places.map((row) => places.map((column) => fallAt(row, column)));
  // How much the colours of the same part disagree, pooled over all parts.
  const variance = meanOf(parts.map(({ spread }) => spread));
  return { effects, noise: certainty * Math.sqrt(variance / (colours * span ** 2)) };
}

const placesOf = (size: number) => Math.min(mostPlaces, size);

const clamp = (place: number, places: number) => Math.max(0, Math.min(places, place));

/** The place in the top left of each part. */
function partsOf(size: number): (readonly [row: number, column: number])[] {
  const steps = placesOf(size) + span - 1;
  return Array.from({ length: steps ** 2 }, (_, at) => [
    Math.floor(at / steps) - span + 1,
    (at % steps) - span + 1,
  ]);
}

/** Powers of the plastic number: successive multiples lie evenly over a square (Roberts 2018, the R2 sequence). */
const [stepX, stepY] = [0.7548776662466927, 0.5698402909980532];

function colourAt(input: Float32Array, size: number, index: number): Cover['colour'] {
  const [x, y] = [(0.5 + index * stepX) % 1, (0.5 + index * stepY) % 1];
  const at = 3 * (Math.floor(y * size) * size + Math.floor(x * size));
  return [input[at] ?? 0, input[at + 1] ?? 0, input[at + 2] ?? 0];
}

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const sum = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return sum / Math.max(1, values.length - 1);
}
