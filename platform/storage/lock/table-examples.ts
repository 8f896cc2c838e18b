import { MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { parseTime } from '../../lib/parse-time.ts';
import { createSpan, type Span, type Table } from '../../lib/table.ts';
import { shorten } from '../../lib/text.ts';
import type { SplitDefinition } from '../../schemas/define/index.ts';
import type { DealtExample, PartName } from '../../schemas/index.ts';
import { digestRows } from './digest-rows.ts';
import { createDigestText, digestLength, type NamedRow, nameRows } from './row-identity.ts';
import { assignPart } from './split.ts';
import { splitByTime } from './split-by-time.ts';

const lineFeed = 0x0a;

/** How the rows of a table become examples. */
export interface TableExampleOptions {
  readonly split: SplitDefinition;
  /** A column that the table has. */
  readonly label: string;
  /** Columns that examples have as metadata, besides those of the split. @default all */
  readonly columns?: readonly string[];
}

/**
 * The rows of a table as examples, sorted by id, with those that are held back.
 *
 * @throws MainstemError DATA_INVALID if there is no such label
 */
export function examplesOfTable(
  table: Table,
  path: string,
  { split, label, columns = table.columns }: TableExampleOptions,
): DealtExample[] {
  const metadata = createMetadata(table, [...columns, ...columnsOfSplit(split)]);
  const { named, deal, labelled } = dealTable(table, path, { split, label });
  return named.map(({ row, digest, id }): DealtExample => {
    const { split: name, group } = deal(row);
    return {
      ...{ id, digest, row: row + 1, split: name, label: table.text(row, labelled) },
      ...{ group, metadata: metadata(row) },
    };
  });
}

/** What its rows are called and where they go, without an object for the cells of each. */
export interface DealtTable {
  /** Sorted by id. */
  readonly named: readonly NamedRow[];
  readonly deal: (row: number) => DealtRow;
  readonly digestOf: (row: number) => Digest;
  /** The place of the label. */
  readonly labelled: number;
}

/** Names and deals the rows of a table. @throws MainstemError DATA_INVALID if there is no such label */
export function dealTable(
  table: Table,
  path: string,
  { split, label }: Pick<TableExampleOptions, 'split' | 'label'>,
): DealtTable {
  const labelled = table.place(label);
  if (labelled < 0) {
    const reason = `there is no column "${label}"`;
    throw new MainstemError('DATA_INVALID', { path, reason });
  }
  const digests = digestRows(table, split.equalRows);
  const digestText = createDigestText();
  return {
    named: nameRows(digests),
    deal: createDealer(table, path, split, () => digests),
    digestOf: (row) => digestText(digests, row * digestLength),
    labelled,
  };
}

/** Where a row goes. */
export interface DealtRow {
  readonly split: PartName;
  readonly group: string;
}

/**
 * Deals the rows of a table to the splits.
 *
 * @param path what to call the file in an error
 * @param digests of its rows; asked for only if there is a row that no column names a group for
 * @throws MainstemError DATA_INVALID where rows are split by a time that is not there or cannot be read
 */
export function createDealer(
  table: Table,
  path: string,
  split: SplitDefinition,
  digests: () => Uint8Array = () => digestRows(table, split.equalRows),
): (row: number) => DealtRow {
  const ofTime = split.by === undefined ? null : dealByTime(table, path, split);
  const groups = split.group === undefined ? undefined : table.column(split.group);
  const digestOf = createDigestText();
  let known: Uint8Array | undefined;
  const digestText = (row: number) => {
    known ??= digests();
    return digestOf(known, row * digestLength);
  };
  // By the numbers of the names: looking up a million texts takes longer than all else here.
  const dealt: (DealtRow | undefined)[] = Array.from(groups?.counts ?? [], () => undefined);
  return (row) => {
    const code = groups?.codes[row] ?? 0;
    const before = dealt[code];
    if (before) return before;
    const name = groups?.text(code) ?? '';
    const group = name === '' ? digestText(row) : name;
    const found = { group, split: ofTime ? ofTime(row) : assignPart(group, split) };
    // All rows of a named group go to one split.
    if (name !== '') dealt[code] = found;
    return found;
  };
}

/**
 * Deals rows by their time; those of a named group all by the time of its newest, so that training has nothing of what is tested
 * and nothing newer either.
 */
function dealByTime(
  table: Table,
  path: string,
  { time = '', group, fractions, heldBack }: SplitDefinition,
): (row: number) => PartName {
  const column = table.column(time);
  if (!column) {
    throw new MainstemError('DATA_INVALID', { path, reason: `there is no column "${time}"` });
  }
  const texts = Array.from(column.counts, (_, code) => column.text(code));
  const times = texts.map(parseTime);
  const wrong = column.codes.findIndex((code) => (times[code] ?? null) === null);
  if (wrong >= 0) throw notATime(table, path, time, wrong);
  const codes = group === undefined ? column.codes : newestCodes(table, group, column.codes, times);
  const counts = new Uint32Array(texts.length);
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  const splits = splitByTime(
    texts.map((text, code) => ({ text, count: counts[code] ?? 0 })),
    fractions,
    heldBack,
  );
  const byCode = texts.map((text) => splits.get(text) ?? null);
  return (row) => byCode[codes[row] ?? 0] ?? 'train';
}

/** For each row the code of the newest time of its group; of a row without one its own. */
function newestCodes(
  table: Table,
  group: string,
  codes: ArrayLike<number>,
  times: readonly (number | null)[],
): Uint32Array {
  const groups = table.column(group);
  const own = Uint32Array.from(codes);
  if (!groups) return own;
  const newest = new Int32Array(groups.counts.length).fill(-1);
  const timeOf = (code: number) => times[code] ?? Number.NEGATIVE_INFINITY;
  for (const [row, code] of own.entries()) {
    const at = groups.codes[row] ?? 0;
    const before = newest[at] ?? -1;
    if (before < 0 || timeOf(code) > timeOf(before)) newest[at] = code;
  }
  return own.map((code, row) => {
    const at = groups.codes[row] ?? 0;
    return groups.text(at) === '' ? code : (newest[at] ?? code);
  });
}

function notATime(table: Table, path: string, time: string, row: number): MainstemError {
  const place = table.place(time);
  const cell = table.text(row, place);
  const found = cell === '' ? 'nothing' : JSON.stringify(shorten(cell));
  const line = lineOf(table, row, place);
  const reason = `line ${line} has ${found} in column "${time}", by which rows are split; write 2024, 2024-05-31 or 2024-05-31 13:30`;
  return new MainstemError('DATA_INVALID', { path, reason, lines: [line] });
}

/** The line of the file that a cell is on, from 1. */
function lineOf(table: Table, row: number, place: number): number {
  const { bytes, start } = locateCell(table, row, place);
  const before = bytes.subarray(0, start).filter((byte) => byte === lineFeed);
  return before.length + 1;
}

function locateCell(table: Table, row: number, place: number): Span {
  const span = createSpan();
  table.locate(row, place, span);
  return span;
}

/** The columns by which a table's rows are dealt to the splits. */
export function columnsOfSplit({ group, time }: SplitDefinition): string[] {
  return [group, time].filter((column) => column !== undefined);
}

/** Reads some cells of a row. Columns that the table lacks are left out. */
export function createMetadata(
  table: Table,
  names: readonly string[],
): (row: number) => Record<string, string> {
  const wanted = new Set(names);
  const places = [...table.columns.entries()].filter(([, name]) => wanted.has(name));
  return (row) => Object.fromEntries(places.map(([place, name]) => [name, table.text(row, place)]));
}
