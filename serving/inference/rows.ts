import { MainstemError } from '../../platform/lib/errors.ts';
import { isCellText } from '../../platform/lib/is-cell-text.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { shorten } from '../../platform/lib/text.ts';
import type { TableColumn, TablePreprocessing } from '../../platform/schemas/index.ts';
import {
  categoryOf,
  encodeRow,
  isMissing,
  isTooLarge,
  parseBoolean,
  parseDay,
  parseNumber,
  spellCategory,
} from '../../platform/transforms/index.ts';
import type { Row } from '../schemas.ts';

/** A row as the table writes it: column → value, null where it is missing. */
export type TableValues = Readonly<Record<string, string | number | null>>;

/** Encodes rows as the network's input. @returns [rows, width], row-major. */
export function encodeRows(
  rows: readonly TableValues[],
  preprocessing: TablePreprocessing,
): Float32Array<ArrayBuffer> {
  const encoded = rows.map((row) => encodeRow(preprocessing, row));
  const width = encoded[0]?.length ?? 0;
  const input = new Float32Array(rows.length * width);
  encoded.forEach((values, index) => {
    input.set(values, index * width);
  });
  return input;
}

/**
 * Reads a row as the table writes it: JSON's `true` is the category `True`, 2 is the category `2.0`. Rejects rows that
 * would only be answered by accident: with an unknown column (a typo would count as missing), text instead of a number,
 * a number beyond 32-bit floats, true or false where the table has neither, or no value at all.
 *
 * @param index of the row, from 0.
 * @throws MainstemError ROW_INVALID
 */
export function readRow({ columns }: TablePreprocessing, row: Row, index: number): TableValues {
  const known = columns.map(({ name }) => name).join(', ');
  const invalid = (name: string, reason: string) =>
    new MainstemError('ROW_INVALID', { row: index + 1, column: shorten(name), reason, known });
  const values = Object.entries(row).map(([name, value]) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (!column) throw invalid(name, 'is unknown');
    const read = readValue(column, value);
    if ('fault' in read) throw invalid(name, read.fault);
    return [name, read.value] as const;
  });
  if (values.some(([, value]) => value !== null)) return Object.fromEntries(values);
  throw invalid(columns[0]?.name ?? '', 'and all others are missing');
}

/**
 * The columns whose category training never saw: to the network such a value is the same as a missing one.
 *
 * @example findUnknown(preprocessing, { sex: 'MALE', mass: 3750 }) // ['sex'], if the table has male and female
 */
export function findUnknown({ columns }: TablePreprocessing, row: TableValues): string[] {
  const isUnknown = (column: TableColumn): boolean => {
    const value = ownValue(row, column.name);
    if (column.kind !== 'category' || isMissing(value, 'category')) return false;
    return !column.values.includes(categoryOf(value));
  };
  return columns.filter(isUnknown).map(({ name }) => name);
}

/**
 * The columns that a row has no value for, or none that training saw: those in which it differs from what was learnt, where
 * training rows had no such gaps.
 *
 * @example findBlank(preprocessing, { sex: 'MALE' }) // ['mass', 'sex'], if the table has male and female
 */
export function findBlank(preprocessing: TablePreprocessing, row: TableValues): string[] {
  const unknown = findUnknown(preprocessing, row);
  return preprocessing.columns
    .filter(({ name, kind }) => unknown.includes(name) || isMissing(ownValue(row, name), kind))
    .map(({ name }) => name);
}

type Read = { readonly value: string | number | null } | { readonly fault: string };

function readValue(column: TableColumn, value: Row[string]): Read {
  if (isMissing(value, column.kind)) return { value: null };
  if (column.kind === 'date') return readDate(value);
  if (column.kind === 'boolean') return readBoolean(value);
  return column.kind === 'number' ? readNumber(value) : readCategory(column.values, value);
}

function readDate(value: Row[string]): Read {
  if (parseDay(value) === null) return { fault: 'must be a date such as 2026-01-31' };
  return { value: String(value).trim() };
}

function readBoolean(value: Row[string]): Read {
  const said = parseBoolean(value);
  return said === null
    ? { fault: 'must be true or false (or yes or no, 1 or 0)' }
    : { value: String(said) };
}

function readNumber(value: Row[string]): Read {
  const number = parseNumber(value);
  if (isTooLarge(value)) return { fault: 'is too large a number' };
  if (number === null) return { fault: 'must be a number' };
  return { value: number };
}

/** A value that training never saw is answered as such; one that is only spelled in JSON's way is not. */
function readCategory(values: readonly string[], value: Row[string]): Read {
  const text = String(value);
  if (!isCellText(text)) {
    return { fault: 'has a character that no table can hold: half of one, U+FFFD or U+0000' };
  }
  const spelled = spellCategory(values, value);
  if (typeof value === 'boolean' && !values.includes(spelled)) {
    return { fault: `is ${text}, which the table does not hold` };
  }
  return { value: values.includes(spelled) ? spelled : text };
}
