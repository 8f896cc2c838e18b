import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';
import { readCode } from '../../pipeline/engine/code.ts';
import { openReaders } from '../../pipeline/engine/readers.ts';
import { evaluateStage } from '../../pipeline/evaluation/index.ts';
import { packageStage } from '../../pipeline/package/index.ts';
import { prepareStage } from '../../pipeline/prepare/index.ts';
import { trainStage } from '../../pipeline/training/index.ts';
import { validateStage } from '../../pipeline/validation/index.ts';
import { git } from '../../platform/lib/git.ts';
import { qualityMetrics } from '../../platform/quality/index.ts';
import { loadProject } from '../../platform/schemas/define/index.ts';

const root = join(import.meta.dirname, '../..');

/** Where a metric may be named: its own file, projects and what writes them, and what looks from outside. */
const mayName = [
  /^platform\/quality\/metrics\/[a-z0-9-]+\.ts$/,
  /^pipeline\/projects\//,
  /^pipeline\/template\/init\/(photo-(code|notes)|table-(code|notes)|floor-code)\.ts$/,
  /^(tests|bench)\//,
  // A word in a progress bar; importing the table there would train every model again for a new metric.
  /^pipeline\/training\/(trees-stage|train-in-process)\.ts$/,
];

/** Each line where a source names a metric as text of its own; comments may. */
function findMetricNames(path: string, text: string): string[] {
  const names = qualityMetrics.map(({ name }) => name).join('|');
  const quoted = new RegExp(`(['"\`])(${names})\\1`);
  return withoutComments(path, text)
    .split('\n')
    .flatMap((line, index) => (quoted.test(line) ? `${path}:${index + 1} ${line.trim()}` : []));
}

function withoutComments(path: string, text: string): string {
  const blank = (part: string) => part.replace(/[^\n]/g, ' ');
  return parseSync(path, text).comments.reduce(
    (left, { start, end }) =>
      left.slice(0, start) + blank(left.slice(start, end)) + left.slice(end),
    text,
  );
}

async function sources(): Promise<string[]> {
  const listed = await git(root, 'ls-files', '--cached', '--others', '--exclude-standard', '*.ts');
  return listed.split('\n').filter((path) => path !== '' && !path.endsWith('.d.ts'));
}

test('no source names a metric outside the table', async () => {
  const paths = (await sources()).filter((path) => !mayName.some((place) => place.test(path)));
  const found = await Promise.all(
    paths.map(async (path) => {
      const text = await readFile(join(root, path), 'utf8').catch(() => '');
      return findMetricNames(path, text);
    }),
  );
  expect(found.flat()).toEqual([]);
});

test('each metric is named in one file of the table', async () => {
  const files = (await sources()).filter((path) => path.startsWith('platform/quality/'));
  const texts = await Promise.all(files.map((path) => readFile(join(root, path), 'utf8')));
  const naming = files.filter((path, index) => findMetricNames(path, texts[index] ?? '').length);
  expect(naming).toHaveLength(qualityMetrics.length);
});

test('a planted name is found, prose and keys are not', () => {
  const planted = [
    "const metric = 'logLoss';",
    'if (name === "r2") {}',
    '/* The `accuracy` of a slice. */ // "accuracy"',
    'const { accuracy } = slice;',
    "const message = 'accuracy of each slice';",
  ].join('\n');
  expect(findMetricNames('a.ts', planted)).toEqual([
    "a.ts:1 const metric = 'logLoss';",
    'a.ts:2 if (name === "r2") {}',
  ]);
});

/** The files of platform/quality on which a stage's results depend. */
async function qualityCodeOf(stage: { entry: string }, more: readonly string[] = []) {
  const { code } = await readCode(root, [stage.entry, ...more], await openReaders(root));
  return Object.keys(code).filter((path) => path.startsWith('platform/quality/'));
}

test('metrics are in the key of evaluation only, gates in no key', async () => {
  const project = await loadProject(root, 'penguins');
  expect(await qualityCodeOf(trainStage, trainStage.code?.(project, 'wasm'))).toEqual([]);
  for (const stage of [validateStage, prepareStage, packageStage]) {
    expect(await qualityCodeOf(stage), stage.entry).toEqual([]);
  }
  const measured = await qualityCodeOf(evaluateStage);
  expect(measured).toContain('platform/quality/metrics/log-loss.ts');
  expect(measured.filter((path) => path.startsWith('platform/quality/gates/'))).toEqual([]);
  expect(measured).not.toContain('platform/quality/metrics/render-metric.ts');
});
