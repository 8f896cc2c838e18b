import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  differenceFrom,
  type ReferenceCase,
  statisticsOfKind,
} from '../../tests/fixtures/statistics/kinds.ts';
import { printTable } from './print-table.ts';

const run = promisify(execFile);
const folder = join(tmpdir(), 'mainstem-bench-statistics');

/** Compares our statistics with those of Python's libraries on random cases, and prints the largest differences. */
export async function printAgreement(python: string | undefined, cases: number): Promise<void> {
  const lines = await makeCases(python ?? (await installPython()), cases);
  const differences = new Map<string, number[]>();
  for (const { kind, given, expected } of lines) {
    for (const [name, compute] of Object.entries(statisticsOfKind[kind] ?? {})) {
      const found = differences.get(name) ?? [];
      found.push(differenceFrom(compute(given), expected[name] ?? []));
      differences.set(name, found);
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

async function makeCases(python: string, cases: number): Promise<ReferenceCase[]> {
  const path = join(folder, 'cases.jsonl');
  await mkdir(folder, { recursive: true });
  await run(python, [join(import.meta.dirname, 'reference.py'), path, String(cases)]);
  const text = await readFile(path, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line): ReferenceCase => JSON.parse(line));
}

async function installPython(): Promise<string> {
  const path = join(folder, 'venv/bin/python');
  if (existsSync(path)) return path;
  await run('python3', ['-m', 'venv', join(folder, 'venv')]);
  const packages = ['scipy', 'statsmodels', 'scikit-learn'];
  await run(path, ['-m', 'pip', 'install', '--quiet', ...packages]);
  return path;
}
