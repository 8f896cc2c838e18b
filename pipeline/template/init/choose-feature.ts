import {
  type ColumnDefinition,
  defaultMissingShare,
} from '../../../platform/schemas/define/index.ts';
import type { ColumnSurvey } from './survey-table.ts';

/** A column as project.ts will define it. */
export type Feature = Omit<ColumnDefinition, 'missing'> & {
  readonly name: string;
  readonly missing?: number;
};

/** A column that is left out, and why. */
export interface LeftOut {
  readonly name: string;
  /** Continues a sentence that begins with the column's name. */
  readonly reason: string;
}

/** A category with more values than this is text or an identifier. */
const mostValues = 50;

/** Chooses how a column is used, or says why it is left out. @param rows how many rows the table has */
export function chooseFeature(column: ColumnSurvey, rows: number): Feature | LeftOut {
  const { name, numeric, cells, counts } = column;
  const values = counts.size;
  if (name.trim() === '')
    return { name: '(a column without name)', reason: 'cannot be referred to' };
  if (values === 0) return { name, reason: 'is empty' };
  if (values === 1) return { name, reason: 'never changes' };
  if (looksLikeIdentifier(column)) return { name, reason: 'looks like an identifier' };
  const gaps = missingShare(column);
  if (numeric) return { name, kind: 'number', range: widened(cells.map(Number)), ...gaps };
  if (values > mostValues || values > rows / 3) {
    return { name, reason: `has ${values} different texts` };
  }
  return { name, kind: 'category', values: [...counts.keys()].sort(), ...gaps };
}

/** Text that never repeats, whole numbers named so, or whole numbers that count the rows. */
function looksLikeIdentifier({ name, numeric, cells, counts }: ColumnSurvey): boolean {
  if (counts.size < 0.95 * cells.length) return false;
  if (!numeric) return true;
  const numbers = cells.map(Number);
  if (!numbers.every(Number.isInteger)) return false;
  const counting = numbers.every(
    (value, row) => row === 0 || value === (numbers[row - 1] ?? 0) + 1,
  );
  return counting || /(^|[^a-z])(id|key|index|number|no|nr)$/i.test(name) || name.endsWith('Id');
}

/** The share of gaps to allow, where the default would be too small. */
function missingShare({ missing }: ColumnSurvey): { missing?: number } {
  return missing <= defaultMissingShare
    ? {}
    : { missing: Math.min(1, Math.ceil(missing * 150) / 100) };
}

/** The range of the values and a quarter more on either side, in round numbers; never below 0 for no reason. */
function widened(values: readonly number[]): readonly [number, number] {
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const margin = (high - low) / 4;
  const step = 10 ** Math.floor(Math.log10(margin));
  if (step === 0) return [low, high];
  const down = tidy(Math.floor((low - margin) / step) * step);
  const up = tidy(Math.ceil((high + margin) / step) * step);
  return [Math.min(low, low >= 0 ? Math.max(0, down) : down), Math.max(high, up)];
}

/** Without the last bits that multiplying by a power of ten leaves behind. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
