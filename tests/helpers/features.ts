import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { quoteText, withDatabase } from '../../pipeline/features/duckdb.ts';
import { parseTable } from '../../platform/lib/parse-table.ts';
import type { defineFeatures } from '../../platform/schemas/define/index.ts';

export type Features = Parameters<typeof defineFeatures>[0];

/** One row of a source. Times in milliseconds since 1970. */
export interface Fact {
  readonly entity: string;
  readonly event: number;
  readonly created: number;
  readonly value: string | null;
}

/** One row of a training table: about whom, and when. */
export interface Question {
  /** '' where the key is missing. */
  readonly entity: string;
  readonly time: number;
}

/** A random history, questions about it, and how it is written down. */
export interface History {
  readonly facts: readonly Fact[];
  readonly questions: readonly Question[];
  /** Of how many minutes a value counts; null forever. */
  readonly ttlMinutes: number | null;
  readonly withCreated: boolean;
  readonly format: 'csv' | 'parquet';
  /** Offsets from UTC in hours that times are written with, in turn. */
  readonly offsets: readonly number[];
}

/** A day in the week when most of Europe sets its clocks back. */
const start = Date.UTC(2026, 9, 25);
const minute = 60_000;

/** Few moments and few entities: ties, edges of a time to live and late rows are the rule. */
const moment = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((some) => start + some * minute),
  fc.integer({ min: -720, max: 720 }).map((some) => start + some * minute + 1),
);
const entity = fc.constantFrom('a', 'b', '007', '7', 'ü "x", y');

export const histories: fc.Arbitrary<History> = fc.record({
  facts: fc.array(
    fc
      .record({
        entity,
        event: moment,
        late: fc.constantFrom(-2, 0, 0, 1, 5, 900),
        value: fc.option(fc.stringMatching(/^[a-z0-9.]{1,4}$/), { freq: 5 }),
      })
      .map(({ late, ...fact }) => ({ ...fact, created: fact.event + late * minute })),
    { minLength: 1, maxLength: 25 },
  ),
  questions: fc.array(
    fc.record({
      entity: fc.oneof({ weight: 9, arbitrary: entity }, fc.constant('')),
      time: moment,
    }),
    { minLength: 1, maxLength: 15 },
  ),
  ttlMinutes: fc.option(fc.constantFrom(1, 3, 5, 60), { freq: 3 }),
  withCreated: fc.boolean(),
  format: fc.constantFrom('csv' as const, 'parquet' as const),
  offsets: fc.array(fc.constantFrom(0, 2, -5, 5.5), { minLength: 1, maxLength: 4 }),
});

/**
 * What a question finds, by the definition of the words and one row at a time: of the facts of its entity that were true
 * and written by then, the one with the latest event, of several the one written last, of those the last in the file.
 *
 * @param known by when something must have been written to be known @param time of the question, for the time to live
 */
export function answerNaively(
  { facts, ttlMinutes, withCreated }: History,
  { entity, known, time }: { entity: string; known: number; time: number },
): { status: 'present' | 'missing' | 'expired'; value: string | null } {
  let best: Fact | null = null;
  for (const fact of facts) {
    if (fact.entity !== entity || fact.event > known) continue;
    if (withCreated && fact.created > known) continue;
    const isLater =
      best === null ||
      fact.event > best.event ||
      (fact.event === best.event && (!withCreated || fact.created >= best.created));
    if (isLater) best = fact;
  }
  if (!best) return { status: 'missing', value: null };
  const lives = ttlMinutes === null || best.event + ttlMinutes * minute >= time;
  return lives ? { status: 'present', value: best.value } : { status: 'expired', value: null };
}

/** Writes a history as files, and returns the definition that reads them. */
export async function writeHistory(root: string, history: History): Promise<Features> {
  const { facts, questions, ttlMinutes, withCreated, format, offsets } = history;
  const when = (time: number, at: number) => writeTime(time, offsets[at % offsets.length] ?? 0);
  await writeTable(root, 'rows', format, [
    ['who', 'asked_at', 'number'],
    ...questions.map(({ entity, time }, at) => [entity, when(time, at), String(at)]),
  ]);
  await writeTable(root, 'facts', format, [
    ['who', 'true_at', 'written_at', 'value'],
    ...facts.map(({ entity, event, created, value }, at) => [
      ...[entity, when(event, at), when(created, at + 1), value ?? ''],
    ]),
  ]);
  const source = { path: `facts.${format}`, time: 'true_at' };
  return {
    rows: { path: `rows.${format}`, time: 'asked_at' },
    entities: { person: ['who'] },
    views: {
      facts: {
        entity: 'person',
        source: { ...source, ...(withCreated && { created: 'written_at' }) },
        fields: ['value'],
        ...(ttlMinutes !== null && { ttl: `${ttlMinutes}m` }),
      },
    },
  };
}

/** A moment as people far from Greenwich write it. */
function writeTime(time: number, hours: number): string {
  const local = new Date(time + hours * 60 * minute).toISOString().replace('Z', '');
  const size = Math.abs(hours) * 60;
  const two = (some: number) => String(some).padStart(2, '0');
  if (hours === 0) return `${local.replace('T', ' ')}Z`;
  return `${local}${hours < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

async function writeTable(
  root: string,
  name: string,
  format: History['format'],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  await writeFileIn(root, `${name}.csv`, rows.map((row) => row.map(cell).join(',')).join('\n'));
  if (format === 'csv') return;
  await withDatabase((database) =>
    database.run(
      `COPY (SELECT * FROM read_csv(${quoteText(join(root, `${name}.csv`))}, all_varchar = true, header = true, delim = ',')) ` +
        `TO ${quoteText(join(root, `${name}.parquet`))} (FORMAT parquet)`,
    ),
  );
}

/** Writes a file below a folder. */
export async function writeFileIn(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), `${text}\n`);
}

/** The cells of a CSV file by column. */
export async function readCells(path: string): Promise<Record<string, string>[]> {
  const table = parseTable(await readFile(path), path);
  return Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(table.columns.map((name, place) => [name, table.text(row, place)])),
  );
}
