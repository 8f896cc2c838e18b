import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { score } from '../../../../pipeline/operations/score/score.ts';
import { encodeIndex, indexMediaType } from '../../../../pipeline/prepare/index.ts';
import { writeJson } from '../../../../platform/lib/json-file.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import {
  buildRecord,
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
} from '../../../helpers/model-repository.ts';
import { numberColumns, storePrepared } from '../../../helpers/prepared-data.ts';
import { buildProject } from '../../../helpers/project.ts';

const root = new URL('../../../../', import.meta.url).pathname;
/** Files that show how the platform itself is tested and guarded. */
const shown = ['.github', '.ci', 'tests/contract', 'tests/unit', 'tests/integration', 'tests/e2e'];

let repository: ModelRepository;

/** The score of a project in the repository. */
function scoreOf(changed: Parameters<typeof buildProject>[1] = {}) {
  return score({
    workspace: {
      ...{ root: repository.root, reporter: silentReporter, signal: new AbortController().signal },
    },
    project: buildProject(repository.root, changed),
    lock: { version: 1, datasets: {} },
    store: openStore(repository.root),
  });
}

/** What a record names that nobody reads here. */
function emptyArtefact() {
  return openStore(repository.root).put(Buffer.from('x'), 'application/onnx');
}

const pointsOf = (found: Awaited<ReturnType<typeof score>>) =>
  new Map(found.tests.map(({ id, points }) => [id, points]));

describe('the ML Test Score', () => {
  beforeEach(async () => {
    repository = await createModelRepository(pumpkins);
  });
  afterEach(() => repository.remove());

  test('has 28 tests, seven in each section, and is the lowest section', async () => {
    const found = await scoreOf();
    expect(found.tests).toHaveLength(28);
    for (const section of Object.keys(found.sections)) {
      expect(found.tests.filter((one) => one.section === section)).toHaveLength(7);
    }
    expect(found.score).toBe(Math.min(...Object.values(found.sections)));
  });

  test('gives no point without evidence, and says how to get it', async () => {
    const found = await scoreOf();
    expect(found.tests.filter(({ points }) => points > 0)).toEqual([]);
    expect(found.score).toBe(0);
    expect(found.tests.every(({ todo }) => todo.length > 20)).toBe(true);
  });

  test('finds what the platform does, and loses it with the file that shows it', async () => {
    for (const path of shown)
      await cp(join(root, path), join(repository.root, path), { recursive: true });
    const points = pointsOf(await scoreOf());
    expect(points.get('infrastructure-3')).toBe(1);
    expect(points.get('infrastructure-7')).toBe(1);
    expect(points.get('monitoring-3')).toBe(1);
    expect(points.get('model-2')).toBe(0);
    await writeFile(join(repository.root, '.ci/run'), 'echo no tests\n');
    const without = pointsOf(await scoreOf());
    expect(without.get('infrastructure-3')).toBe(0);
    expect(without.get('monitoring-3')).toBe(0);
  });

  test('alerts count for a model that says what its data is like, with rules, runbook and tests', async () => {
    const [inputs, quality] = ['monitoring-2', 'monitoring-7'];
    for (const path of [...shown, 'monitoring'])
      await cp(join(root, path), join(repository.root, path), { recursive: true });
    const points = pointsOf(await scoreOf());
    expect([points.get(inputs), points.get(quality)]).toEqual([1, 1]);
    const runbook = join(repository.root, 'monitoring/runbook.md');
    const text = await readFile(runbook, 'utf8');
    await writeFile(runbook, text.replace('## MainstemDataDrift', '## Drift'));
    const without = pointsOf(await scoreOf());
    expect([without.get(inputs), without.get(quality)]).toEqual([0, 1]);
    await rm(join(repository.root, 'models'), { recursive: true });
    expect(pointsOf(await scoreOf()).get(quality)).toBe(0);
  });

  test('a sweep counts that tried the values that serve, and a damaged one does not', async () => {
    const record = buildRecord(pumpkins, await emptyArtefact());
    await repository.promote({ ...record, parameters: { learningRate: 0.01 } });
    const trials = Array.from({ length: 10 }, (_, trial) => ({
      ...{ trial, values: { learningRate: (trial + 1) / 100 }, status: 'done', epochs: null },
      ...{ loss: null, metrics: {}, predictions: null, error: null, seconds: 1 },
    }));
    const id = `sha256:${'0'.repeat(64)}`;
    const path = join(repository.root, '.mainstem/sweeps/pumpkins/000000000000.json');
    await writeJson(path, { version: 1, project: 'pumpkins', id, trials, seconds: 9 });
    expect(pointsOf(await scoreOf()).get('model-3')).toBe(1);
    await writeFile(path, '{');
    expect(pointsOf(await scoreOf()).get('model-3')).toBe(0);
  });

  test.each([
    ['number', {}, 0],
    ['number', { range: [0, 9] as [number, number] }, 1],
    ['date', {}, 1],
    ['boolean', {}, 1],
    ['category', { encoding: 'target' as const }, 1],
    ['category', {}, 0],
  ] as const)('a %s with %o has expectations: %i', async (kind, more, expected) => {
    await cp(join(root, '.github'), join(repository.root, '.github'), { recursive: true });
    const part = { prior: 0.5, mean: 0.5, deviation: 0.1 };
    const target = { parts: [part], means: [[0.4], [0.6]] };
    const values = ['orange', 'green'];
    const columns = [{ name: 'colour', kind: 'category' as const, values, target }];
    const record = buildRecord(gourds, await emptyArtefact());
    await repository.promote({ ...record, preprocessing: { kind: 'table', columns } });
    const found = await scoreOf({
      ...{ name: 'gourds', task: 'tabular-classification', classes: ['big', 'small'] },
      table: { label: 'size', features: { colour: { kind, ...more } } },
    });
    expect(pointsOf(found).get('data-1')).toBe(expected);
  });

  test('sensitive columns are found in the rows that keep their cells', async () => {
    const store = openStore(repository.root);
    const row = { digest: `sha256:${'0'.repeat(64)}` as const, label: 'good' };
    const bytes = encodeIndex({
      ...{ version: 1, dtype: 'uint8', shape: [1], classes: ['good'], shards: [] },
      preprocessing: { kind: 'image', size: 16, scale: 1, offset: 0 },
      rows: [
        { ...row, id: 'a', split: 'train', metadata: {} },
        { ...row, id: 'b', split: 'test', metadata: { age: '40' } },
      ],
    });
    const index = await store.put(bytes, indexMediaType);
    const record = buildRecord(pumpkins, await emptyArtefact());
    await repository.promote({ ...record, prepared: { index, shards: [], rows: 2 } });
    expect(pointsOf(await scoreOf({ sensitive: ['age'] })).get('model-7')).toBe(1);
    expect(pointsOf(await scoreOf({ sensitive: ['age', 'sex'] })).get('model-7')).toBe(0);
  });

  test('gates count where the judge runs and its status is required', async () => {
    const gates = [{ metric: 'accuracy', atLeast: 0.9 }];
    expect(pointsOf(await scoreOf({ gates })).get('infrastructure-4')).toBe(0);
    await cp(join(root, '.github'), join(repository.root, '.github'), { recursive: true });
    expect(pointsOf(await scoreOf({ gates })).get('infrastructure-4')).toBe(1);
    expect(pointsOf(await scoreOf()).get('infrastructure-4')).toBe(0);
  });

  test('a sensitive column that the data does not have is no evidence', async () => {
    expect(pointsOf(await scoreOf({ sensitive: ['age'] })).get('model-7')).toBe(0);
  });

  test('a sensitive column of a table is evidence, though training rows, which come first, keep no cells', async () => {
    const store = openStore(repository.root);
    const rows = (['train', 'test'] as const).map((split) => ({
      ...{ id: `${split} row`, label: 'good', split, numbers: [1] },
      metadata: split === 'train' ? {} : { age: '3' },
    }));
    const prepared = await storePrepared(store, repository.root, rows, numberColumns('a'));
    const onnx = await store.put(Buffer.from('a model'), 'application/onnx');
    await repository.promote({ ...buildRecord(pumpkins, onnx), prepared });
    expect(pointsOf(await scoreOf({ sensitive: ['age'] })).get('model-7')).toBe(1);
  });

  test.each([
    ['2026-02-30', 'model-3', 'a day that no calendar has'],
    ['2099-11-26', 'model-3', 'still to come'],
    ['2026-11-26', 'modell-3', 'there is no test'],
  ])('what was written down for %s under %s is refused: %s', async (date, id, reason) => {
    const folder = join(repository.root, 'pipeline/projects/pumpkins');
    await mkdir(folder, { recursive: true });
    const text = JSON.stringify({ [id]: { date, result: 'Tried 12 learning rates, see there.' } });
    await writeFile(join(folder, 'ml-test-score.json'), text);
    await expect(scoreOf()).rejects.toMatchObject({
      code: 'JSON_INVALID',
      message: expect.stringContaining(reason),
    });
  });

  test('what was done by hand and written down has half a point, and a word alone has none', async () => {
    const folder = join(repository.root, 'pipeline/projects/pumpkins');
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'ml-test-score.json');
    const result = 'Tried 12 learning rates; the best is in params.json.';
    await writeFile(file, JSON.stringify({ 'model-3': { date: '2026-11-26', result } }));
    const found = await scoreOf();
    expect(found.tests.find(({ id }) => id === 'model-3')).toMatchObject({
      ...{ points: 0.5, evidence: `by hand, 2026-11-26: ${result}` },
    });
    await writeFile(file, JSON.stringify({ 'model-3': { date: '2026-11-26', result: 'done' } }));
    await expect(scoreOf()).rejects.toMatchObject({ code: 'JSON_INVALID' });
  });
});
