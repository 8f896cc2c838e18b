import { join } from 'node:path';
import { isMainstemError, MainstemError } from '../../../platform/lib/errors.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import { showName } from '../../../platform/lib/text.ts';
import type { Project } from '../../../platform/schemas/define/index.ts';
import { parseTableFile } from '../../../platform/storage/index.ts';
import {
  type ColumnKind,
  guessKind,
  isMissing,
  parseNumber,
} from '../../../platform/transforms/index.ts';

type Row = Readonly<Record<string, string>>;

/** What one column holds. */
export interface ColumnSummary {
  readonly column: string;
  readonly missing: number;
  readonly distinct: number;
  /** Of a column of numbers. */
  readonly numbers?: { readonly low: number; readonly mean: number; readonly high: number };
  /** The most frequent values of any other column. */
  readonly common?: readonly string[];
}

/** A table's first rows and what its columns hold. */
export interface TableDescription {
  readonly path: string;
  readonly rows: number;
  readonly first: readonly Row[];
  readonly columns: readonly ColumnSummary[];
  readonly text: string;
}

const commonValues = 6;

/** Reads the project's table. @throws MainstemError DATA_MISSING, DATA_INVALID */
export async function describeTable(
  root: string,
  { definition }: Project,
  count: number,
): Promise<TableDescription> {
  const { path } = definition.data;
  const bytes = await readBytes(join(root, path), path).catch((cause: unknown) => {
    if (!isMainstemError(cause) || cause.details.reason !== 'ENOENT') throw cause;
    const details = { dataset: definition.data.name, path, project: definition.name };
    throw new MainstemError('DATA_MISSING', details, { cause });
  });
  const table = await parseTableFile(bytes, path);
  const { columns: names } = table;
  const kinds = definition.table?.features ?? {};
  const columns = names.map((column) => {
    const place = table.place(column);
    const cells = Array.from({ length: table.rows }, (_, row) => table.text(row, place));
    return summarise(column, cells, kinds[column]?.kind ?? guessKind(cells));
  });
  const first = Array.from({ length: Math.min(count, table.rows) }, (_, row) =>
    Object.fromEntries(names.map((name, place) => [name, table.text(row, place)])),
  );
  const summary = columns.map((column) => [column.column, `${column.missing}`, describe(column)]);
  const text = [
    `${path}: ${plural(table.rows, 'row')}`,
    '',
    renderColumns([names, ...first.map((row) => names.map((name) => row[name] ?? ''))]),
    '',
    renderColumns([['column', 'missing', 'values'], ...summary]),
  ].join('\n');
  return { path, rows: table.rows, first, columns, text };
}

function summarise(column: string, cells: readonly string[], kind: ColumnKind): ColumnSummary {
  const present = cells.filter((cell) => !isMissing(cell, kind));
  const counts = new Map<string, number>();
  for (const value of present) counts.set(value, (counts.get(value) ?? 0) + 1);
  const facts = { column, missing: cells.length - present.length, distinct: counts.size };
  const numbers = present.flatMap((cell) => parseNumber(cell) ?? []);
  if (numbers.length > 0 && numbers.length === present.length && kind === 'number') {
    const sorted = numbers.sort((a, b) => a - b);
    const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
    return { ...facts, numbers: { low: sorted[0] ?? 0, mean, high: sorted.at(-1) ?? 0 } };
  }
  const frequent = [...counts].sort(([, a], [, b]) => b - a).slice(0, commonValues);
  return { ...facts, common: frequent.map(([value, times]) => `${value} (${times})`) };
}

function describe({ numbers, common = [], distinct }: ColumnSummary): string {
  if (numbers) {
    return `${numbers.low} … ${numbers.high}, mean ${Number(numbers.mean.toPrecision(4))}`;
  }
  const more = distinct > common.length ? `, … ${distinct} in all` : '';
  return `${common.join(', ')}${more}`;
}

function renderColumns(texts: readonly (readonly string[])[]): string {
  const table = texts.map((row) => row.map((cell) => showName(cell)));
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
