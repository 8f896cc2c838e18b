import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type Static, Type } from 'typebox';
import { modelsFolder } from '../../lib/layout.ts';
import { sweepLeftovers } from '../../lib/leftovers.ts';
import { releaseEnded } from '../../lib/turn.ts';
import type { Workspace } from '../../schemas/index.ts';
import { ifMissing } from './object-folder.ts';
import type { Store } from './store.ts';

/** A file or folder that a killed process left. */
export const Leftover = Type.Object({
  /** Relative to the repository; absolute outside of it. */
  file: Type.String(),
  removed: Type.Boolean(),
});
export type Leftover = Static<typeof Leftover>;

/** Where and how to look. */
export interface LeftoverOptions {
  readonly now: number;
  readonly repair: boolean;
  readonly data?: readonly string[];
}

/**
 * What killed processes left in the store, the rest of `.mainstem`, the models, the data and the repository's own
 * folder: temporary files, and with `repair` the lock files of processes that have ended.
 */
export async function sweepRepository(
  { root }: Workspace,
  store: Store,
  { now, repair, data = [] }: LeftoverOptions,
): Promise<Leftover[]> {
  const options = { now, remove: repair };
  const own = ['.mainstem', modelsFolder, ...data].map((folder) => join(root, folder));
  const found = new Set(await sweepLeftovers(root, { ...options, recursive: false }));
  for (const folder of new Set([...own, store.folder])) {
    for (const path of await sweepLeftovers(folder, options)) found.add(path);
  }
  const turns = repair ? await releaseTurns(join(root, '.mainstem', 'locks')) : [];
  return [...found, ...turns].map((path) => toLeftover(root, path, repair));
}

/** A path as a leftover. */
export function toLeftover(root: string, path: string, removed: boolean): Leftover {
  const below = relative(root, path);
  return { file: below.startsWith('..') ? path : below.replaceAll(sep, '/'), removed };
}

async function releaseTurns(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(ifMissing<string[]>([]));
  const released: string[] = [];
  for (const name of names.filter((each) => each.endsWith('.json'))) {
    if (await releaseEnded(join(folder, name))) released.push(join(folder, name));
  }
  return released;
}
