import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import type { SweptParameter } from '../../platform/schemas/define/index.ts';

/** A parameter that is searched, as a way to read positions between 0 and 1. */
export type Dimension =
  | { readonly key: string; readonly kind: 'values'; readonly values: readonly unknown[] }
  | {
      readonly key: string;
      readonly kind: 'whole' | 'real';
      readonly from: number;
      readonly to: number;
      readonly logarithmic: boolean;
      /** How many values of it stand in a grid. */
      readonly steps: number;
    };

/** Reads what sweep.json says of a parameter; what it may say was checked before. */
export function dimensionOf(key: string, swept: SweptParameter): Dimension {
  if (swept.values) return { key, kind: 'values', values: swept.values };
  const [from, to] = swept.whole ?? swept.real ?? [0, 0];
  const kind = swept.whole ? 'whole' : 'real';
  const logarithmic = swept.scale === 'logarithmic';
  return { key, kind, from, to, logarithmic, steps: swept.steps };
}

/**
 * The value at a position. Every value of a list and every whole number has an equal share of the positions (on a
 * logarithmic scale one that falls as the numbers grow); numbers are rounded to four digits, so that a person can read
 * params.json.
 *
 * @param position from 0 to 1
 * @example valueAt(dimensionOf('learningRate', { real: [0.001, 0.1], scale: 'logarithmic', steps: 4 }), 0.5) // 0.01
 */
export function valueAt(dimension: Dimension, position: number): unknown {
  const share = Math.min(1, Math.max(0, position));
  if (dimension.kind === 'values') {
    const { values } = dimension;
    return values[Math.min(values.length - 1, Math.floor(share * values.length))];
  }
  const { from, to } = dimension;
  const [low, high] = endsOf(dimension);
  const value = undo(dimension, low + (high - low) * share);
  const written = dimension.kind === 'whole' ? Math.round(value) : Number(value.toPrecision(4));
  return Math.min(to, Math.max(from, written));
}

/** The position in the middle of what gives a value; null if the dimension does not have it. */
export function positionOf(dimension: Dimension, value: unknown): number | null {
  if (dimension.kind === 'values') {
    const { values } = dimension;
    const wanted = canonicalJson(value);
    const at = values.findIndex((other) => canonicalJson(other) === wanted);
    return at < 0 ? null : (at + 0.5) / values.length;
  }
  const { from, to, kind } = dimension;
  if (typeof value !== 'number' || value < from || value > to) return null;
  if (kind === 'whole' && !Number.isInteger(value)) return null;
  const [low, high] = endsOf(dimension);
  if (low === high) return 0.5;
  return (apply(dimension, value) - low) / (high - low);
}

/** The values of a dimension in a grid, each once, in their order. */
export function gridValues(dimension: Dimension): unknown[] {
  if (dimension.kind === 'values') return [...dimension.values];
  const { from, to, steps } = dimension;
  const [low, high] = [apply(dimension, from), apply(dimension, to)];
  const found = Array.from({ length: steps }, (_, step) => {
    const value = undo(dimension, low + ((high - low) * step) / (steps - 1));
    const written = dimension.kind === 'whole' ? Math.round(value) : Number(value.toPrecision(4));
    return Math.min(to, Math.max(from, written));
  });
  return [...new Set(found)];
}

type Range = Exclude<Dimension, { kind: 'values' }>;

/** Where a range begins and ends on its scale; of whole numbers half a step further, so that the ends count like others. */
function endsOf(range: Range): [number, number] {
  const margin = range.kind === 'whole' ? 0.5 : 0;
  return [apply(range, range.from - margin), apply(range, range.to + margin)];
}

function apply({ logarithmic }: Range, value: number): number {
  return logarithmic ? Math.log(value) : value;
}

function undo({ logarithmic }: Range, value: number): number {
  return logarithmic ? Math.exp(value) : value;
}
