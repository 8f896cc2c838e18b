import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { collectPumpkinPatch } from '../../../../../pipeline/sources/pumpkin-patch/collect.ts';
import { planHarvest } from '../../../../../pipeline/sources/pumpkin-patch/plan.ts';
import { renderPhoto } from '../../../../../pipeline/sources/pumpkin-patch/take.ts';
import { listFiles } from '../../../../../platform/lib/files.ts';
import { test } from '../../../../helpers/folder.ts';

const files = planHarvest('2027').map(({ row }) => row.file);
const never = new AbortController().signal;

test('a stopped collect leaves whole photos and no metadata, and the next one continues', async ({
  folder,
}) => {
  const data = join(folder, 'data/pumpkins');
  const stopper = new AbortController();
  const stopAfter = (done: number) => {
    if (done >= 4) stopper.abort(new Error('stopped'));
  };
  const started = { root: folder, harvest: '2027', onProgress: stopAfter, signal: stopper.signal };
  await expect(collectPumpkinPatch(started)).rejects.toThrow('stopped');
  const kept = await listFiles(data);
  expect(kept.length).toBeGreaterThanOrEqual(4);
  expect(kept.length).toBeLessThan(20);
  expect(kept.every((file) => file.endsWith('.jpg'))).toBe(true);

  // Stand-ins for most of the rest: what is there is kept, so only the last photos are rendered.
  const open = files.filter((file) => !kept.includes(file));
  for (const file of open.slice(0, -3)) await addFile(join(data, file), 'kept as it is');
  const reports: number[] = [];
  const onProgress = (done: number) => reports.push(done);
  await collectPumpkinPatch({ root: folder, harvest: '2027', onProgress, signal: never });
  expect(reports[0]).toBe(files.length - 3);
  expect(await listFiles(data)).toEqual([...files, 'metadata.csv']);
  const [standIn = ''] = open;
  expect((await readFile(join(data, standIn))).toString('latin1')).toBe('kept as it is');

  const metadata = await readFile(join(data, 'metadata.csv'), 'utf8');
  expect(metadata.split('\n')[0]).toBe('file,pumpkin,harvest,field,camera,light,variety');
  expect(metadata.trim().split('\n')).toHaveLength(files.length + 1);

  const last = planHarvest('2027').at(-1);
  if (!last) throw new Error('the plan is empty');
  const rendered = await readFile(join(data, last.row.file));
  expect(rendered.equals(Buffer.from(await renderPhoto(last.photo)))).toBe(true);
});

test('another harvest adds its rows to the metadata that is there', async ({ folder }) => {
  const path = join(folder, 'data/pumpkins/metadata.csv');
  const header = 'file,pumpkin,harvest,field,camera,light,variety';
  const row = '2026/good/g001-1.jpg,2026-g001,2026,north,phone,sun,howden';
  await addFile(path, `${header}\n${row}\n`);
  const stopped = AbortSignal.abort(new Error('stopped'));
  const once = { root: folder, harvest: '2027', onProgress: () => {}, signal: stopped };
  await expect(collectPumpkinPatch(once)).rejects.toThrow('stopped');
  for (const file of files) await addFile(join(folder, 'data/pumpkins', file), 'a photo');
  await collectPumpkinPatch({ ...once, signal: never });
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  expect(lines.slice(0, 2)).toEqual([header, row]);
  expect(lines).toHaveLength(files.length + 2);
});

test('a metadata.csv that is broken is refused with the line, and stays as it is', async ({
  folder,
}) => {
  const path = join(folder, 'data/pumpkins/metadata.csv');
  const text = 'file,pumpkin\n2026/good/g001-1.jpg\n';
  const stopped = AbortSignal.abort(new Error('stopped'));
  const once = { root: folder, harvest: '2027', onProgress: () => {}, signal: stopped };
  await expect(collectPumpkinPatch(once)).rejects.toThrow('stopped');
  for (const file of files) await addFile(join(folder, 'data/pumpkins', file), 'a photo');
  await addFile(path, text);
  await expect(collectPumpkinPatch({ ...once, signal: never })).rejects.toMatchObject({
    code: 'DATA_INVALID',
    message: expect.stringContaining('metadata.csv: line 2, column 2'),
  });
  expect(await readFile(path, 'utf8')).toBe(text);
});

async function addFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
