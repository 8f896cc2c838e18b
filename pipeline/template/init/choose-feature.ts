import { shorten } from '../../../platform/lib/text.ts';
import {
  type ColumnDefinition,
  defaultMissingShare,
} from '../../../platform/schemas/define/index.ts';
import { parseBoolean, parseDay, parseNumber } from '../../../platform/transforms/index.ts';
import { countsRows, isIdentifier } from './find-identifiers.ts';
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

/** A category with more values than this is encoded by what they are to the label, or it is text or an identifier. */
const mostValues = 50;
/** With fewer rows of a value, its mean label says little. */
const fewestRows = 5;

/** Chooses how a column is used, or says why it is left out. @param rows how many rows the table has */
export function chooseFeature(column: ColumnSurvey, rows: number): Feature | LeftOut {
  const { numeric, numbers, standIn } = column;
  const name = column.name === '' ? `(column ${column.position}, without a name)` : column.name;
  const reason = findObstacle(column, rows);
  if (reason !== null) return { name, reason };
  const gaps = missingShare(column);
  if (isBoolean(column)) return { name, kind: 'boolean', ...gaps };
  if (numeric) {
    // Validation then names the stand-ins, and a person decides.
    const measured = standIn ? numbers.filter((value) => value !== standIn.value) : numbers;
    return { name, kind: 'number', range: widened(measured), ...gaps };
  }
  if (isDates(column)) return { name, kind: 'date', ...gaps };
  if (isManifold(column)) return { name, kind: 'category', encoding: 'target', ...gaps };
  return { name, kind: 'category', values: [...column.counts.keys()].sort(), ...gaps };
}

/**
 * What a category may rather be: its texts look like numbers or dates, or many of them are.
 *
 * @returns continues a sentence that begins with the column's name
 */
export function doubtCategory(column: ColumnSurvey): string | null {
  if (column.numeric || isBoolean(column) || isDates(column)) return null;
  const found = findNotation(column);
  if (found !== null) return found;
  const numbers = column.countCells((cell) => parseNumber(cell) !== null);
  if (numbers < column.present / 2) return null;
  return `is a category${numbersAmong(column)}: empty these cells to have numbers`;
}

/** Why a column cannot be a feature, if it cannot. */
function findObstacle(column: ColumnSurvey, rows: number): string | null {
  const { name, numeric } = column;
  if (name === '') return 'cannot be referred to';
  if (column.present === 0) return findExcess(column) ?? 'is empty';
  if (!column.varies) return 'never changes';
  if (countsRows(column)) return 'counts the rows';
  if (isDates(column)) return null;
  const notation = numeric ? null : findNotation(column);
  if (notation !== null && column.distinct > fewValues) return notation;
  if (isIdentifier(column)) return 'looks like an identifier';
  if (column.rounded !== null) {
    return `holds whole numbers such as ${column.rounded}, of which some cannot be told apart by a computer: identifiers, or too many digits`;
  }
  if (numeric || (isManifold(column) && numbersAmong(column) === '')) return null;
  const values = column.distinct;
  const tooMany = values > mostValues || values > rows / 3;
  return tooMany ? `has ${values} different texts${numbersAmong(column)}` : null;
}

/** Numbers that no computer number of a model can hold are odd cells of a column of numbers. */
function findExcess({ odd }: ColumnSurvey): string | null {
  const [text] = odd.keys();
  if (text === undefined) return null;
  return `holds numbers beyond 3.4e38, for example ${JSON.stringify(shorten(text))}: save them in another unit, or their logarithms`;
}

/** Whether there are too many values for one input each, but enough rows of each to say what it is to the label. */
function isManifold({ distinct, present }: ColumnSurvey): boolean {
  return distinct > mostValues && present >= fewestRows * distinct;
}

/** Whether all cells say yes or no. */
function isBoolean({ numeric, numbers, odd, present, countCells }: ColumnSurvey): boolean {
  if (numeric) return odd.size === 0 && numbers.every((value) => value === 0 || value === 1);
  return countCells((cell) => parseBoolean(cell) !== null) === present;
}

/** Whether 95 % of the cells are dates that are read. */
function isDates(column: ColumnSurvey): boolean {
  if (column.numeric) return false;
  return column.countCells((cell) => parseDay(cell) !== null) >= 0.95 * column.present;
}

/** Numbers or dates with no more values than this may stand for kinds of things. */
const fewValues = 12;

const notations = [
  {
    pattern: /^\d{4}-\d{1,2}-\d{1,2}([T ].*)?$|^\d{1,2}([./-])\d{1,2}\2\d{2,4}( .*)?$/,
    reason: (example: string) =>
      /^"\d{4}-\d{2}-\d{2}\b/.test(example)
        ? `holds dates of which some are in no calendar, such as ${example}: leave such cells empty, and year, month, weekday and day are features`
        : `holds dates such as ${example}: write them as 2026-01-31, and year, month, weekday and day are features`,
  },
  {
    pattern: /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]\.?m\.?)?$/i,
    reason: (example: string) =>
      `holds times such as ${example}: write them as one number, such as the minutes since midnight`,
  },
  {
    pattern: /^0[xob][\da-f]+$/i,
    reason: (example: string) =>
      `looks like numbers written as ${example}: save them in decimal digits, such as 39`,
  },
  {
    pattern:
      /^([$€£¥] ?)?[+-]?\d[\d.,_'’\u00a0\u202f ]*( ?[%$€£¥]| [\p{L}µ°]{1,4}[²³]?(\/\p{L}{1,4})?)?$/u,
    reason: (example: string) =>
      `looks like numbers written as ${example}: save it with decimal points in numbers and nothing else, such as 4288.5`,
  },
];

/** What the cells look like, if 95 % of them are numbers or dates in a notation that is not read. */
function findNotation(column: ColumnSurvey): string | null {
  const found = notations.find(
    ({ pattern }) =>
      column.countCells((cell) => pattern.test(plainDigits(cell))) >= 0.95 * column.present,
  );
  const isUnread = (cell: string) => parseNumber(cell) === null && parseDay(cell) === null;
  const example = column.find(
    (cell) => Boolean(found?.pattern.test(plainDigits(cell))) && isUnread(cell),
  );
  return found && example !== undefined ? found.reason(JSON.stringify(example)) : null;
}

/** A cell with the digits of any script as ASCII ones (whichever), and a typographic minus as a hyphen. */
function plainDigits(cell: string): string {
  return cell
    .replaceAll(/\p{Nd}/gu, '0')
    .replace(/[−–]/, '-')
    .replaceAll('٫', '.')
    .replaceAll('٬', ',');
}

/** How many of the cells are numbers, where some are: then the texts are the odd ones. */
function numbersAmong(column: ColumnSurvey): string {
  const numbers = column.countCells((cell) => parseNumber(cell) !== null);
  if (numbers === 0) return '';
  const odd = column.find((cell) => parseNumber(cell) === null) ?? '';
  return `; ${numbers} of ${column.present} cells are numbers, but not, for example, ${JSON.stringify(odd)}`;
}

/** The share of gaps to allow, where the default would be too small. */
function missingShare({ missing }: ColumnSurvey): { missing?: number } {
  return missing <= defaultMissingShare
    ? {}
    : { missing: Math.min(1, Math.ceil(missing * 150) / 100) };
}

/** The range of the values and a quarter more on either side, in round numbers; never below 0 for no reason. */
function widened(values: Float64Array): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
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
