// The point-in-time join of 1,000,000 rows with 1,000,000 facts, against Feast on the same files, in turns;
// and what a look-up at the server takes. Both must find the same values. Writes to a throw-away folder. Takes some minutes,
// most of them Feast's.
//   node_modules/node/bin/node bench/features.ts --python /path/to/venv/bin/python   (pip install 'feast[duckdb]')
//   --python <file>       of an environment with Feast; left out, only Mainstem is measured
//   --rounds <n>          default 3
//   --rows <n>            rows and facts (default 1000000)
//   --entities <n>        that these are about (default 1000)
//   --limit <s>           of processor time, after which Feast's process is stopped (default 600)
//   --stores <names>      Feast's offline stores, separated by commas (default duckdb). Its default, dask, was killed with 1000
//                         entities on a machine of 24 GB: give it --entities 100000

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { quoteText, withDatabase } from '../pipeline/features/duckdb.ts';
import { buildSnapshot } from '../pipeline/features/index.ts';
import { fillRow, openViews } from '../platform/features/index.ts';
import { parseScript } from '../platform/lib/parse-script.ts';
import { defineFeatures } from '../platform/schemas/define/index.ts';
import { quantile } from './reliability/table.ts';

const { values } = parseScript({
  options: {
    python: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    rows: { type: 'string', default: '1000000' },
    entities: { type: 'string', default: '1000' },
    stores: { type: 'string', default: 'duckdb' },
    limit: { type: 'string', default: '600' },
  },
});
const run = promisify(execFile);
const scripts = join(import.meta.dirname, 'features');
const folder = await mkdtemp(join(tmpdir(), 'mainstem-bench-features-'));

/** A process that would take the machine's memory or its time for itself is refused them. */
const limited = ['prlimit', '--as=8000000000', `--cpu=${values.limit}`] as const;

interface Timing {
  readonly seconds: number;
  readonly processor: number;
  readonly version?: string;
  /** Rows that are not in the result. */
  readonly leftOut?: number;
  /** Whether it was stopped before it had a result. */
  readonly isStopped?: boolean;
}

try {
  await writeFiles(Number(values.rows));
  process.stdout.write(`${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}\n`);
  const contenders: [string, () => Promise<Timing>][] = [
    ['Mainstem', () => time(process.execPath, join(scripts, 'join.ts'), folder)],
    ['Mainstem, late rows', () => time(process.execPath, join(scripts, 'join.ts'), folder, 'yes')],
    ...(values.python ? values.stores.split(',').map(feast) : []),
  ];
  const timings = new Map<string, Timing[]>(contenders.map(([name]) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, measure] of contenders) {
      const timing = await measure();
      timings.get(name)?.push(timing);
      process.stderr.write(`${name}: ${JSON.stringify(timing)}\n`);
    }
  }
  for (const [name, all] of timings) process.stdout.write(`${describe(name, all)}\n`);
  process.stdout.write(`${await measureLookups()}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function feast(store: string): [string, () => Promise<Timing>] {
  const measure = async () => {
    const words = [...limited, values.python, join(scripts, 'feast_join.py'), folder, store];
    const began = performance.now();
    const timing = await time(...words).catch((error: unknown): Timing => {
      if (!(error instanceof Error && 'signal' in error && isLimit(error.signal))) throw error;
      const seconds = (performance.now() - began) / 1000;
      return { seconds, processor: Number(values.limit), isStopped: true };
    });
    return timing.isStopped ? timing : { ...timing, leftOut: await countLeftOut() };
  };
  return [`Feast, ${store}`, measure];
}

function isLimit(signal: unknown): boolean {
  return signal === 'SIGXCPU' || signal === 'SIGKILL';
}

async function time(...[program = '', ...words]: string[]): Promise<Timing> {
  const { stdout } = await run(program, words, { env: { ...process.env, FEAST_USAGE: 'False' } });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

function describe(name: string, all: readonly Timing[]): string {
  const median = (of: (timing: Timing) => number) => quantile(all.map(of), 0.5).toFixed(2);
  const { version = '', leftOut = 0 } = all[0] ?? {};
  const each = all.map(({ seconds }) => seconds.toFixed(2)).join(', ');
  if (all.some(({ isStopped }) => isStopped))
    return `${name}: stopped after ${median((one) => one.processor)} s of processor time`;
  return `${name} ${version}: ${median((one) => one.seconds)} s (${each}), processor ${median((one) => one.processor)} s; rows left out: ${leftOut}`;
}

/** A month of facts; each is written up to a day after it was true. */
async function writeFiles(count: number): Promise<void> {
  const start = Date.UTC(2026, 9, 1) * 1000;
  const month = 30 * 86_400_000_000;
  const moment = (salt: number) => `${start} + (hash(i + ${salt}) % ${month})::BIGINT`;
  const number = (salt: number) => `(hash(i * 3 + ${salt}) % 100000) / 97.0`;
  const cells = ['a', 'b', 'c', 'd'].map((name, at) => `${number(at)} AS ${name}`).join(', ');
  const who = (salt: number) =>
    `'e' || (hash(i * 7 + ${salt}) % ${Number(values.entities)}) AS who`;
  const copy = (sql: string, name: string) =>
    `COPY (SELECT ${sql} FROM range(${count}) AS x(i)) TO ${quoteText(join(folder, name))} (FORMAT parquet)`;
  const late = `make_timestamp(${moment(5)} + (hash(i + 9) % 86400000000)::BIGINT) AS written_at`;
  await withDatabase(async (database) => {
    const asked = `${who(1)}, make_timestamp(${moment(1)}) AS asked_at, i AS number`;
    await database.run(copy(asked, 'rows.parquet'));
    const facts = `${who(2)}, make_timestamp(${moment(5)}) AS true_at, ${late}, ${cells}`;
    await database.run(copy(facts, 'facts.parquet'));
  });
}

/**
 * Compares by row, since Feast's come in another order, and counts the rows that it leaves out.
 *
 * @throws Error where any value differs, of a row that it has or has left out
 */
async function countLeftOut(): Promise<number> {
  await time(process.execPath, join(scripts, 'join.ts'), folder);
  const [ours, theirs] = ['mainstem', 'feast'].map((name) =>
    quoteText(join(folder, `${name}.parquet`)),
  );
  const differ = ['a', 'b', 'c', 'd'].map((name) => `o.${name} IS DISTINCT FROM t.${name}`);
  return withDatabase(async (database) => {
    const [[rows, found, wrong, left] = []] = await database.rows(
      `SELECT count(*), count(o.a), count(*) FILTER (${differ.join(' OR ')}), count(*) FILTER (t.number IS NULL) ` +
        `FROM ${ours} AS o LEFT JOIN ${theirs} AS t USING (number)`,
    );
    if (rows !== values.rows || wrong !== '0' || found === '0')
      throw new Error(`of ${rows} rows ${wrong} differ from Feast's; ${found} have values`);
    return Number(left);
  });
}

/** Look-ups among as many entities as there are rows, as a request makes them. */
async function measureLookups(): Promise<string> {
  const entities = 100_000;
  await withDatabase((database) =>
    database.run(
      `COPY (SELECT 'e' || i AS who, TIMESTAMP '2026-11-01' AS true_at, i / 7.0 AS a, i / 9.0 AS b FROM range(${entities}) AS x(i)) ` +
        `TO ${quoteText(join(folder, 'many.parquet'))} (FORMAT parquet)`,
    ),
  );
  const definition = defineFeatures({
    rows: { path: 'rows.parquet', time: 'asked_at' },
    entities: { person: ['who'] },
    views: {
      many: {
        ...{ entity: 'person', source: { path: 'many.parquet', time: 'true_at' } },
        ...{ fields: ['a', 'b'], ttl: '1d' },
      },
    },
  });
  const at = new Date('2026-11-01T12:00:00Z');
  const began = performance.now();
  const snapshot = await buildSnapshot({ root: folder, project: 'bench', definition, at });
  const built = performance.now() - began;
  const views = openViews(snapshot);
  const columns = new Set(['a', 'b', 'c']);
  const took: number[] = [];
  for (let round = 0; round < 200_000; round++) {
    const row = { who: `e${(round * 7919) % (entities + 1000)}`, c: 1 };
    const start = performance.now();
    fillRow(views, row, { at: at.getTime(), columns });
    took.push((performance.now() - start) * 1000);
  }
  const show = (share: number) => `p${share * 100} ${quantile(took, share).toFixed(1)} µs`;
  return `look-up among ${entities} entities: ${[0.5, 0.99, 0.999].map(show).join(', ')}; snapshot built in ${built.toFixed(0)} ms`;
}
