import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { digestJson } from '../../../../../platform/lib/hash.ts';
import { silentReporter } from '../../../../../platform/lib/reporter.ts';
import type { StageRecord } from '../../../../../platform/schemas/index.ts';
import {
  createFolderRemote,
  openStore,
  shareStore,
} from '../../../../../platform/storage/index.ts';
import { test } from '../../../../helpers/folder.ts';

const key = digestJson('a stage');

function recordOf(changed: Partial<StageRecord>): StageRecord {
  const ingredients = { stage: 'train', inputs: {}, parameters: {}, code: {}, packages: {} };
  return {
    ...{ version: 1, project: 'farm', key, ingredients: { ...ingredients, backend: 'wasm' } },
    ...{ status: 'done', outputs: {}, error: null, startedAt: '2026-11-27T00:00:00.000Z' },
    ...{ seconds: 1, ...changed },
  };
}

/** Two machines with stores of their own and one remote. */
function openMachines(folder: string) {
  const remote = createFolderRemote(join(folder, 'remote'));
  const warned: string[] = [];
  const open = (name: string) => {
    const root = join(folder, name);
    const reporter = { ...silentReporter, warn: (text: string) => void warned.push(text) };
    const workspace = { root, reporter, signal: new AbortController().signal };
    const own = openStore(root);
    return { own, shared: shareStore({ workspace, store: own, remote }) };
  };
  return { one: open('one'), two: open('two'), warned };
}

test('what a stage left on one machine is found on another under its run key, with the blobs that it names', async ({
  folder,
}) => {
  const { one, two } = openMachines(folder);
  expect(await two.shared.readRecord(key)).toBeNull();
  const weights = await one.shared.put(Buffer.from('weights'), 'application/x-weights');
  const record = recordOf({ outputs: { weights } });
  await one.shared.writeRecord(record);
  expect(await two.own.readRecord(key)).toBeNull();
  expect(await two.shared.readRecord(key)).toEqual(record);
  expect(Buffer.from(await two.own.get(weights.digest)).toString()).toBe('weights');
});

test('what was done before it was shared is put there when it is used again, and failures are not', async ({
  folder,
}) => {
  const { one, two } = openMachines(folder);
  const weights = await one.own.put(Buffer.from('weights'), 'application/x-weights');
  const record = recordOf({ outputs: { weights } });
  await one.own.writeRecord(record);
  expect(await two.shared.readRecord(key)).toBeNull();
  await one.shared.noteReuse(record);
  expect(await two.shared.readRecord(key)).toEqual(record);
  const error = { code: 'TRAINING_DIVERGED', message: 'It did.' };
  const failed = recordOf({ status: 'failed', outputs: null, error, key: digestJson('another') });
  await one.own.writeRecord(failed);
  await one.shared.noteReuse(failed);
  expect(await two.shared.readRecord(failed.key)).toBeNull();
});

test('a failure stays where it happened, and gives way to a result from elsewhere', async ({
  folder,
}) => {
  const { one, two } = openMachines(folder);
  const error = { code: 'TRAINING_DIVERGED', message: 'It did.' };
  const failed = recordOf({ status: 'failed', outputs: null, error });
  await one.shared.writeRecord(failed);
  expect(await two.shared.readRecord(key)).toBeNull();
  expect(await one.shared.readRecord(key)).toEqual(failed);
  await two.shared.writeRecord(recordOf({ seconds: 2 }));
  expect(await one.shared.readRecord(key)).toMatchObject({ status: 'done', seconds: 2 });
});

test('what is damaged in the remote counts as missing and is said, and a record without its blobs gets them', async ({
  folder,
}) => {
  const { one, two, warned } = openMachines(folder);
  const weights = await one.shared.put(Buffer.from('weights'), 'application/x-weights');
  await one.shared.writeRecord(recordOf({ outputs: { weights } }));
  const packs = join(folder, 'remote/packs');
  const [pack = ''] = (await readdir(packs)).filter((name) => name.endsWith('.pack'));
  const whole = await readFile(join(packs, pack));
  await writeFile(
    join(packs, pack),
    whole.map((byte, at) => (at === 50 ? byte ^ 1 : byte)),
  );
  await two.shared.readRecord(key);
  expect(await two.own.has(weights.digest)).toBe(false);
  expect(warned.join()).toContain('counts as missing');
  await writeFile(join(packs, pack), whole);
  expect((await two.shared.readRecord(key))?.status).toBe('done');
  expect(await two.own.has(weights.digest)).toBe(true);
});
