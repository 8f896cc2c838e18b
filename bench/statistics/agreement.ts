import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mcnemar } from '../../pipeline/evaluation/statistics/mcnemar.ts';
import { wilson } from '../../pipeline/evaluation/statistics/wilson.ts';
import {
  findMetric,
  holm,
  type MetricFacts,
  studentQuantile,
} from '../../platform/quality/index.ts';
import { binomialTail } from '../../platform/quality/statistics/binomial-tail.ts';
import { normalQuantile } from '../../platform/quality/statistics/normal-quantile.ts';
import { studentTail } from '../../platform/quality/statistics/student-t.ts';
import { printTable } from './print-table.ts';

const run = promisify(execFile);
const folder = join(tmpdir(), 'mainstem-bench-statistics');

/** What reference.py writes of a case: of these what its kind has. */
interface Given {
  readonly fixed: number;
  readonly broken: number;
  readonly hits: number;
  readonly count: number;
  readonly limit: number;
  readonly freedom: number;
  readonly t: number;
  readonly share: number;
  readonly p: readonly number[];
  readonly labels: readonly number[];
  readonly shares: readonly (readonly number[])[];
  /** Of two models. */
  readonly scores: readonly (readonly number[])[];
  readonly truth: readonly number[];
  readonly value: readonly number[];
}

type Statistic = (given: Given) => number | readonly number[];

const classNames = ['a', 'b', 'c', 'd', 'e', 'f'];

/** What is compared in each kind of case, by name. */
const kinds: Readonly<Record<string, Readonly<Record<string, Statistic>>>> = {
  flips: {
    'McNemar, exact – statsmodels': ({ fixed, broken }) => mcnemar(fixed, broken),
  },
  share: {
    'Wilson, low – statsmodels': ({ hits, count }) => wilson(hits, count).low,
    'Wilson, high – statsmodels': ({ hits, count }) => wilson(hits, count).high,
    'binomial tail – scipy': ({ hits, count, limit }) => binomialTail(hits, count, limit),
  },
  distributions: {
    'Student’s t, tail – scipy': ({ t, freedom }) => studentTail(t, freedom),
    'Student’s t, quantile – scipy': ({ share, freedom }) => studentQuantile(share, freedom),
    'normal quantile – scipy': ({ share }) => normalQuantile(share),
  },
  corrected: { 'Holm – statsmodels': ({ p }) => holm(p) },
  classes: Object.fromEntries(
    [
      ...[
        'accuracy',
        'balancedAccuracy',
        'macroF1',
        'auroc',
        'averagePrecision',
        'logLoss',
        'brier',
        'recallAtPrecision80',
      ],
    ].map((name) => [`${name} – scikit-learn`, (given: Given) => measure(name, classFacts(given))]),
  ),
  delong: {
    'difference of AUROC – numpy': (given) => meanOf(areaDifferences(given)),
    'its variance – DeLong’s definition in numpy': (given) => {
      const parts = areaDifferences(given);
      const middle = meanOf(parts);
      return meanOf(parts.map((part) => (part - middle) ** 2)) / parts.length;
    },
  },
  values: Object.fromEntries(
    ['mae', 'rmse', 'r2'].map((name) => [
      `${name} – scikit-learn`,
      (given: Given) => measure(name, valueFacts(given)),
    ]),
  ),
};

/** Compares our statistics with those of Python's libraries on random cases, and prints the largest differences. */
export async function printAgreement(python: string | undefined, cases: number): Promise<void> {
  const lines = await makeCases(python ?? (await installPython()), cases);
  const differences = new Map<string, number[]>();
  for (const { kind, given, expected } of lines) {
    for (const [at, [name, compute]] of Object.entries(kinds[kind] ?? {}).entries()) {
      const found = [compute(given)].flat();
      const wanted =
        found.length > 1 || kind === 'corrected' ? expected : [expected[at] ?? Number.NaN];
      const worst = found.map((value, index) => difference(value, wanted[index] ?? Number.NaN));
      differences.set(name, [...(differences.get(name) ?? []), Math.max(...worst)]);
    }
  }
  printTable(
    ['statistic – reference', 'cases', 'largest difference'],
    [...differences].map(([name, found]) => [
      name,
      found.length,
      Math.max(...found).toExponential(1),
    ]),
  );
}

/** Relative where numbers are large. */
function difference(found: number, expected: number): number {
  return Math.abs(found - expected) / Math.max(1, Math.abs(expected));
}

async function makeCases(python: string, cases: number) {
  const path = join(folder, 'cases.jsonl');
  await mkdir(folder, { recursive: true });
  await run(python, [join(import.meta.dirname, 'reference.py'), path, String(cases)]);
  const text = await readFile(path, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line): { kind: string; given: Given; expected: readonly number[] } => JSON.parse(line));
}

async function installPython(): Promise<string> {
  const path = join(folder, 'venv/bin/python');
  if (existsSync(path)) return path;
  await run('python3', ['-m', 'venv', join(folder, 'venv')]);
  const packages = ['scipy', 'statsmodels', 'scikit-learn'];
  await run(path, ['-m', 'pip', 'install', '--quiet', ...packages]);
  return path;
}

function measure(name: string, facts: MetricFacts): number {
  return findMetric(name)?.measure(facts) ?? Number.NaN;
}

function classFacts({ labels, shares }: Pick<Given, 'labels' | 'shares'>): MetricFacts {
  const examples = shares.map((probabilities, index) => ({
    label: classNames[labels[index] ?? -1] ?? '',
    predicted: classNames[probabilities.indexOf(Math.max(...probabilities))] ?? '',
    probabilities,
  }));
  const classes = classNames.slice(0, shares[0]?.length);
  return { examples, classes, outOfDistribution: null };
}

function valueFacts({ truth, value }: Given): MetricFacts {
  const examples = truth.map((label, index) => ({
    label: String(label),
    predicted: String(value[index]),
    probabilities: [value[index] ?? Number.NaN],
  }));
  return { examples, classes: [], outOfDistribution: null };
}

/** Of two models, example by example. */
function areaDifferences({ labels, scores }: Given): number[] {
  const [theirs, ours] = [0, 1].map((model) => {
    const shares = (scores[model] ?? []).map((score) => [1 - score, score]);
    return findMetric('auroc')?.parts?.(classFacts({ labels, shares })) ?? [];
  });
  return (ours ?? []).map((part, index) => part - (theirs?.[index] ?? 0));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
