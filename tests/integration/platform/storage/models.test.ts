import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestJson } from '../../../../platform/lib/hash.ts';
import { writeJson } from '../../../../platform/lib/json-file.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import type { DataLock, StageRecord } from '../../../../platform/schemas/index.ts';
import {
  checkStore,
  collectReferences,
  createFolderRemote,
  openStore,
  pull,
  push,
} from '../../../../platform/storage/index.ts';
import { buildCandidate } from '../../../helpers/candidate.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mainstem-models-data-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const lock: DataLock = { version: 1, datasets: {} };
const workspace = () => ({ root, reporter: silentReporter, signal: new AbortController().signal });

function stageRecord(outputs: unknown): StageRecord {
  const ingredients = {
    stage: 'prepare',
    inputs: {},
    parameters: {},
    code: {},
    packages: {},
    backend: '',
  };
  return {
    version: 1,
    project: 'pumpkins',
    key: digestJson(ingredients),
    ingredients,
    status: 'done',
    outputs,
    error: null,
    startedAt: '2026-10-01T00:00:00.000Z',
    seconds: 1,
  };
}

test('a clone that has the commit gets the model, its stage records and everything that they name', async () => {
  const store = openStore(root);
  const shard = await store.put(Buffer.from('pixels'));
  const stage = stageRecord({ shards: [shard] });
  await store.writeRecord(stage);
  const candidate = await buildCandidate(store, 'seed 1');
  const record = {
    ...candidate,
    stages: { prepare: stage.key },
    prepared: { index: shard, shards: [shard], rows: 1 },
  };
  await writeJson(join(root, 'models', 'pumpkins', 'records', `${record.run}.json`), record);
  const remote = createFolderRemote(join(root, 'remote'));
  const references = await collectReferences(store, { root, lock });
  const pushed = await push({ workspace: workspace(), store, remote }, references);
  expect(pushed).toMatchObject({ records: 1, missing: [] });

  const clone = openStore(root, join(root, 'clone-store'));
  const collect = () => collectReferences(clone, { root, lock });
  const pulled = await pull({ workspace: workspace(), store: clone, remote }, collect);
  expect(pulled).toMatchObject({ records: 1, missing: [] });
  expect(await clone.get(record.package.onnx.digest)).toEqual(
    await store.get(record.package.onnx.digest),
  );
  expect(await clone.readRecord(stage.key)).toEqual(stage);
  const options = { references: await collect(), now: Date.now(), repair: false };
  expect((await checkStore(workspace(), clone, options)).findings).toEqual([]);
});

test('fsck names a model whose artefacts are not in the store', async () => {
  const elsewhere = openStore(root, join(root, 'elsewhere'));
  const record = await buildCandidate(elsewhere, 'seed 1');
  const path = join('models', 'pumpkins', 'records', `${record.run}.json`);
  await writeJson(join(root, path), record);
  const store = openStore(root);
  const references = await collectReferences(store, { root, lock });
  const { findings } = await checkStore(workspace(), store, {
    references,
    now: Date.now(),
    repair: false,
  });
  expect(findings).toContainEqual(
    expect.objectContaining({ code: 'STORE_MISSING', digest: record.package.onnx.digest }),
  );
});
