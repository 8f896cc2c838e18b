import { dirname, join } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { exists, writeFileAtomic } from '../../../platform/lib/files.ts';
import { isCellText } from '../../../platform/lib/is-cell-text.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { parseTable, tableLimits } from '../../../platform/lib/parse-table.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import { renderCsvLine } from '../../../platform/lib/render-csv-line.ts';
import {
  columnOf,
  type FeatureDefinition,
  type FeatureView,
  type GatheredSource,
  gatheredFrom,
  gatheredTimes,
  keysOf,
} from '../../../platform/schemas/define/index.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { withDataTurn } from '../../../platform/storage/index.ts';
import { type KeptLine, readKeptLines } from './gathered-lines.ts';

/** Where a server keeps what is gathered; a folder that is left out is the one in which a server of this repository writes. */
export interface ServerFolders {
  readonly feedback?: string;
  readonly predictions?: string;
}

/** What a view's file got from a server's folder. */
export interface Gathered {
  readonly path: string;
  /** Whether there was a folder to gather from; without one the file stays as it is. */
  readonly isFresh: boolean;
  /** Rows of the file, those of earlier times among them. */
  readonly rows: number;
  /** Of these, how many are new. */
  readonly added: number;
  /** Lines without the key of an entity: the server keeps digests only, or it was a tensor. */
  readonly unkeyed: number;
  /** Lines with a value that no table can hold. */
  readonly unfit: number;
  /** Lines that are not as the server writes them. */
  readonly damaged: number;
  /** Files that end within a line. */
  readonly unfinished: number;
}

/** What is gathered, and from where. */
export interface GatherRequest {
  readonly workspace: Workspace;
  readonly definition: FeatureDefinition;
  readonly folders: ServerFolders;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Adds to the files of all gathered sources what a server has kept since: lines once gathered stay when the server removes them.
 * A second call changes nothing, and equal lines give equal files.
 *
 * @returns by view; none for a definition without such sources
 * @throws MainstemError PREDICTIONS_MISSING, FEEDBACK_MISSING where there is neither a folder nor an earlier file, DATA_INVALID
 *   for what the server does not keep, FILE_UNREADABLE, INTERRUPTED
 */
export async function gatherSources(
  request: GatherRequest,
): Promise<Readonly<Record<string, Gathered>>> {
  const { workspace, definition } = request;
  const gathered: [string, Gathered][] = [];
  for (const [name, view] of Object.entries(definition.views)) {
    const from = gatheredFrom(view.source);
    if (!from) continue;
    const { path } = view.source;
    const columns = columnsOf(view, keysOf(definition, view));
    const target = { path, from, columns };
    gathered.push([name, await withDataTurn(workspace, path, () => gatherInto(request, target))]);
  }
  return Object.fromEntries(gathered);
}

/** The columns of a gathered file. */
interface Columns {
  readonly keys: readonly string[];
  /** All that are read from a line, each once, keys first. */
  readonly held: readonly string[];
}

function columnsOf({ source, fields }: FeatureView, names: readonly string[]): Columns {
  const keys = names.map((name) => columnOf(source, name));
  return { keys, held: [...new Set([...keys, ...fields.map((name) => columnOf(source, name))])] };
}

interface Target {
  readonly path: string;
  readonly from: GatheredSource;
  readonly columns: Columns;
}

async function gatherInto(
  { workspace, folders, now }: GatherRequest,
  { path, from, columns }: Target,
): Promise<Gathered> {
  const file = join(workspace.root, path);
  const before = await readGathered(file, path, columns);
  const folder = await folderOf(workspace.root, folders, from);
  if (folder === null) return fromBefore(path, before, from, workspace.root);
  const kept = await readKeptLines(workspace, from, { folder, now });
  const { rows, unkeyed, unfit } = renderRows(kept.lines, columns);
  const known = before?.size ?? 0;
  if (known === 0) assertKept(path, from, kept.lines, columns);
  const all = sortRows([...(before ?? []), ...rows]);
  if (all.length > known || !before) {
    await makeFolder(dirname(file));
    await writeFileAtomic(file, `${[headOf(columns), ...all].join('\n')}\n`);
  }
  const counts = { rows: all.length, added: all.length - known, unkeyed, unfit };
  return { path, isFresh: true, ...counts, damaged: kept.damaged, unfinished: kept.unfinished };
}

function fromBefore(
  path: string,
  before: ReadonlySet<string> | null,
  from: GatheredSource,
  root: string,
): Gathered {
  if (!before) throw missing(from, join(root, usual[from.kind]));
  const none = { added: 0, unkeyed: 0, unfit: 0, damaged: 0, unfinished: 0 };
  return { path, isFresh: false, rows: before.size, ...none };
}

/** Where a server of this repository writes. */
const usual = { feedback: '.mainstem/feedback', predictionLog: '.mainstem/predictions' } as const;

function missing({ kind, model }: GatheredSource, folder: string): MainstemError {
  return kind === 'feedback'
    ? new MainstemError('FEEDBACK_MISSING', { folder, project: model })
    : new MainstemError('PREDICTIONS_MISSING', { folder });
}

/** Null where nobody named a folder and there is none: another machine has it. */
async function folderOf(
  root: string,
  { feedback, predictions }: ServerFolders,
  from: GatheredSource,
): Promise<string | null> {
  const typed = from.kind === 'feedback' ? feedback : predictions;
  const folder = typed ?? join(root, usual[from.kind]);
  if (await exists(folder)) return folder;
  if (typed !== undefined) throw missing(from, folder);
  return null;
}

const lineOf = (cells: readonly string[]) => renderCsvLine(cells);

function headOf({ held }: Columns): string {
  return lineOf([gatheredTimes.time, gatheredTimes.created, ...held]);
}

/**
 * The rows that were gathered before, as their lines; null where there is no file.
 *
 * @throws MainstemError DATA_INVALID for a file with other columns: it may be somebody's, or hold other things
 */
async function readGathered(
  file: string,
  path: string,
  columns: Columns,
): Promise<ReadonlySet<string> | null> {
  if (!(await exists(file))) return null;
  const limits = { ...tableLimits, rows: Number.POSITIVE_INFINITY };
  const table = parseTable(await readBytes(file, path), path, limits);
  if (lineOf(table.columns) !== headOf(columns)) {
    const reason = `it has the columns ${table.columns.join(', ')}, and what is gathered has ${headOf(columns)}; move it away, and what the server still has is gathered again`;
    throw new MainstemError('DATA_INVALID', { path, reason });
  }
  const cells = (row: number) => table.columns.map((_, place) => table.text(row, place));
  return new Set(Array.from({ length: table.rows }, (_, row) => lineOf(cells(row))));
}

function renderRows(lines: readonly KeptLine[], { keys, held }: Columns) {
  const rows: string[] = [];
  const counts = { unkeyed: 0, unfit: 0 };
  for (const line of lines) {
    const cells = held.map((column) => cellOf(line, column));
    // Keys come first.
    if (cells.slice(0, new Set(keys).size).includes('')) counts.unkeyed += 1;
    else if (!cells.every(isCellText)) counts.unfit += 1;
    else rows.push(lineOf([renderMicros(line.event), renderMicros(line.known), ...cells]));
  }
  return { rows, ...counts };
}

/** As a table has it: what stands around a cell is not part of it. */
function cellOf(line: KeptLine, column: string): string {
  return String(line.valueOf(column) ?? '').trim();
}

/** @example renderMicros(1764194400000001) // '2025-11-26T22:00:00.000001Z' */
function renderMicros(micros: number): string {
  const [ms, rest] = [Math.floor(micros / 1000), micros % 1000];
  return `${new Date(ms).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

/** `<at>,<known_at>`, which every line begins with. */
const timesLength = 2 * '2026-01-31T12:00:00.000000Z'.length + 1;

/** By time, each once. Of equal times the last counts, so that lines keep the order in which the server wrote them. */
function sortRows(lines: readonly string[]): string[] {
  const last = new Map<string, number>();
  for (const [at, line] of lines.entries()) last.set(line, at);
  const timed = [...last].map(([line, at]) => ({ line, at, times: line.slice(0, timesLength) }));
  timed.sort((a, b) => (a.times === b.times ? a.at - b.at : a.times < b.times ? -1 : 1));
  return timed.map(({ line }) => line);
}

/**
 * Checks that the server keeps what is gathered: a column that is empty in all lines would be one that nobody can look up.
 *
 * @throws MainstemError DATA_INVALID
 */
function assertKept(
  path: string,
  { kind, model }: GatheredSource,
  lines: readonly KeptLine[],
  { held }: Columns,
): void {
  if (lines.length === 0) return;
  const isKept = (column: string) => lines.some((line) => cellOf(line, column) !== '');
  const lacking = held.find((column) => !isKept(column));
  if (lacking === undefined) return;
  const what = kind === 'feedback' ? 'feedback about' : 'the prediction log of';
  const why = lacking.startsWith('row.') ? `; ${rowsAreKept[kind]}` : '';
  const reason = `none of the ${lines.length} lines of ${what} ${model} has ${lacking}${why}`;
  throw new MainstemError('DATA_INVALID', { path, reason });
}

const rowsAreKept = {
  feedback: 'a label by the id of an answer has the row only if the prediction log keeps rows',
  predictionLog: 'rows are kept with MAINSTEM_PREDICTION_INPUTS=values only, otherwise digests',
} as const;
