import { MainstemError } from '../../lib/errors.ts';
import { ownValue } from '../../lib/own-value.ts';
import { plural } from '../../lib/plural.ts';
import type { LockedDataset } from '../../schemas/index.ts';
import { isSamePlace } from './assert-place.ts';
import { readLock } from './lock.ts';
import { lockedOf } from './locked-of.ts';
import { loadOtherProjects } from './other-projects.ts';

/** A dataset that somebody is about to make. */
export interface NewDataset {
  readonly name: string;
  /** Where it may be, relative to the repository. */
  readonly places: readonly string[];
  /** Whether several projects may have it under one name, as they may a backbone. @default false */
  readonly shareable?: boolean;
}

/**
 * Checks that no other dataset has a name in `data.lock.json` or in a project: `lock` would overwrite its entry. An entry at the
 * same place that no project has any more may be replaced.
 *
 * @returns the entry that `lock` will replace, or that is shared; null if there is none
 * @throws MainstemError DATA_NAME_TAKEN
 */
export async function assertNameFree(
  root: string,
  { name, places, shareable = false }: NewDataset,
): Promise<LockedDataset | null> {
  const { projects, broken } = await loadOtherProjects(root, null);
  const isOurs = (path: string) => places.some((place) => isSamePlace(place, path));
  const refuse = (whose: string, remedy: string) =>
    new MainstemError('DATA_NAME_TAKEN', { name, whose, remedy });
  let shared = false;
  for (const project of projects) {
    const found = lockedOf(project).find((dataset) => dataset.name === name);
    if (!found) continue;
    const { backbone, name: owner } = project.definition;
    shared = shareable && found === backbone && isOurs(found.path);
    const whose = `project "${owner}" has a dataset of this name at ${found.path}`;
    if (!shared) throw refuse(whose, `or another one for the dataset in ${owner}`);
  }
  const entry = ownValue((await readLock(root)).datasets, name);
  if (!entry || shared) return entry ?? null;
  const what = `an entry of this name (${plural(entry.files, 'file')} at ${entry.path})`;
  if (broken.length > 0) {
    const whose = `there is ${what}, which may be that of a project that cannot be loaded (${broken.join(', ')})`;
    throw refuse(whose, 'or repair that project first');
  }
  if (!isOurs(entry.path) || (shareable && entry.kind !== 'backbone')) {
    const whose = `there is ${what}, which no project here has`;
    throw refuse(whose, 'or take the entry out of data.lock.json if nobody needs it');
  }
  return entry;
}
