import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCsv } from '../../../platform/lib/csv.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { listFiles, writeFileAtomic } from '../../../platform/lib/files.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { inLanes } from '../../../platform/lib/in-lanes.ts';
import { readFile } from '../../../platform/lib/read-text.ts';
import { mostThreads, openThreads } from '../../../platform/lib/threads.ts';
import type { CollectOptions } from '../../../platform/schemas/define/index.ts';
import { metadataFile } from '../../../platform/schemas/index.ts';
import {
  firstHarvest,
  type PhotoRow,
  type PlannedPhoto,
  planHarvest,
  planOutliers,
} from './plan.ts';

/** A photo and the folder that it belongs in. */
export interface Task {
  readonly folder: string;
  readonly photo: PlannedPhoto;
}

/**
 * Renders a harvest into data/pumpkins and, with the first one, the pictures of other things into
 * data/pumpkins-other. Existing photos are kept, unless the renderer has changed since. Photos are
 * written whole or not at all and metadata.csv last, so that work can be interrupted and continued.
 *
 * @throws MainstemError HARVEST_INVALID before anything is written; the signal's reason when interrupted.
 */
export async function collectPumpkinPatch({
  root,
  harvest,
  onProgress,
  signal,
}: CollectOptions): Promise<void> {
  const year = harvest ?? firstHarvest;
  assertHarvest(year);
  const pumpkins = join(root, 'data/pumpkins');
  const planned = planHarvest(year);
  const tasks: Task[] = planned.map(({ photo }) => ({ folder: pumpkins, photo }));
  if (year === firstHarvest) {
    const folder = join(root, 'data/pumpkins-other');
    tasks.push(...planOutliers().map((photo) => ({ folder, photo })));
  }
  await discardOutdated(join(root, '.mainstem/collected', `pumpkins-${year}`), tasks);
  const open = tasks.filter((task) => !existsSync(pathOf(task)));
  const kept = tasks.length - open.length;
  await takePhotos(open, (done) => onProgress(kept + done, tasks.length), signal);
  const rows = planned.map(({ row }) => row);
  await writeMetadata(join(pumpkins, metadataFile), rows);
}

/** A harvest names a folder, so it is a year and nothing else. */
function assertHarvest(year: string): void {
  if (/^\d{4}$/.test(year) && year >= firstHarvest) return;
  throw new MainstemError('HARVEST_INVALID', { harvest: year, first: firstHarvest });
}

/** Removes photos that another version of the renderer made; the marker remembers which one did. */
async function discardOutdated(marker: string, tasks: readonly Task[]): Promise<void> {
  const renderer = await digestRenderer();
  const before = await readFile(marker, 'utf8').catch(() => '');
  if (before === renderer) return;
  for (const task of tasks) await rm(pathOf(task), { force: true });
  await writeFileAtomic(marker, renderer);
}

function pathOf({ folder, photo }: Task): string {
  return join(folder, photo.file);
}

/** Digest of every file that decides how photos look. */
async function digestRenderer(): Promise<string> {
  const folder = import.meta.dirname;
  const files = [...(await listFiles(join(folder, 'render'))).map((file) => `render/${file}`)];
  const texts = await Promise.all(
    [...files, 'plan.ts', 'take.ts'].map((file) => readFile(join(folder, file), 'utf8')),
  );
  return digestBytes(texts.join('\n'));
}

/** Every thread finishes the photo that it has begun, so that nothing is written after this returns. */
async function takePhotos(
  tasks: readonly Task[],
  onDone: (done: number) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  onDone(0);
  let done = 0;
  await using threads = openThreads<Task, void>(new URL('./worker.ts', import.meta.url));
  await inLanes(tasks, mostThreads, async (task) => {
    signal.throwIfAborted();
    await threads.run(task);
    onDone(++done);
  });
}

const columns = ['file', 'pumpkin', 'harvest', 'field', 'camera', 'light', 'variety'] as const;

/** Adds rows to metadata.csv, replacing those of the same files; sorted by file. */
async function writeMetadata(path: string, rows: readonly PhotoRow[]): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => '');
  const known = before === '' ? [] : parseCsv(Buffer.from(before), path).rows;
  const byFile = new Map<string, Readonly<Record<string, string>>>();
  for (const row of known) byFile.set(row.file ?? '', row);
  for (const row of rows) byFile.set(row.file, { ...row });
  const sorted = [...byFile].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(([, row]) => columns.map((column) => row[column] ?? '').join(','));
  const text = `${[columns.join(','), ...lines].join('\n')}\n`;
  if (text !== before) await writeFileAtomic(path, text);
}
