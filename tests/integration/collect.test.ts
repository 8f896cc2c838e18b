import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { listFiles } from '../../pipeline/lib/files.ts';
import { collect } from '../../pipeline/projects/pumpkins/collect.ts';
import { planHarvest } from '../../pipeline/projects/pumpkins/plan.ts';
import { renderPhoto } from '../../pipeline/projects/pumpkins/take.ts';
import { test } from '../helpers/folder.ts';

const files = planHarvest('2027').map(({ row }) => row.file);
const never = new AbortController().signal;

test('a stopped collect leaves whole photos only, and the next one continues', async ({
  folder,
}) => {
  const stopper = new AbortController();
  const stopAfter = (done: number) => {
    if (done >= 8) stopper.abort(new Error('stopped'));
  };
  const started = { root: folder, harvest: '2027', onProgress: stopAfter, signal: stopper.signal };
  await expect(collect(started)).rejects.toThrow('stopped');
  const data = join(folder, 'data/pumpkins');
  const kept = (await listFiles(data)).filter((file) => file.endsWith('.jpg'));
  expect(kept.length).toBeGreaterThanOrEqual(8);
  expect(kept.length).toBeLessThan(files.length / 2);
  const [first = ''] = kept;
  const before = await stat(join(data, first));

  const reports: number[] = [];
  const onProgress = (done: number) => reports.push(done);
  await collect({ root: folder, harvest: '2027', onProgress, signal: never });
  expect(reports[0]).toBe(kept.length);
  expect((await stat(join(data, first))).mtimeMs).toBe(before.mtimeMs);
  expect(await listFiles(data)).toEqual([...files, 'metadata.csv']);

  const metadata = await readFile(join(data, 'metadata.csv'), 'utf8');
  expect(metadata.split('\n')[0]).toBe('file,pumpkin,harvest,field,camera,light,variety');
  expect(metadata.trim().split('\n')).toHaveLength(files.length + 1);

  const [lost] = planHarvest('2027');
  if (!lost) throw new Error('the plan is empty');
  await rm(join(data, lost.row.file));
  await collect({ root: folder, harvest: '2027', onProgress, signal: never });
  const mended = await readFile(join(data, lost.row.file));
  expect(mended.equals(Buffer.from(await renderPhoto(lost.photo)))).toBe(true);
  expect(await readFile(join(data, 'metadata.csv'), 'utf8')).toBe(metadata);
});
