import { MainstemError } from '../../platform/lib/errors.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { artefactsOf, loadPromoted, missingArtefacts } from '../../platform/registry/index.ts';
import {
  collectReferences,
  datasetsOf,
  dropDamaged,
  lockProject,
  pickDatasets,
  type References,
  readWorkingData,
  sourcesOf,
} from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';
import { collectTable } from './collect-table.ts';
import { pullIfRemote } from './transfer.ts';

/**
 * Brings what a project's runs read into the store, for a fresh clone or a job that starts from a bare checkout: the
 * locked data, and what its model in production needs to be compared with. What is missing or damaged comes from the remote; data
 * that is still missing is collected or read from the tree, and must then be what the lock says.
 *
 * @param remote address; left out or empty, the one that is configured, if any
 * @throws MainstemError DATA_UNLOCKED, DATA_NOT_AS_LOCKED, REMOTE_*
 */
export async function provideData(context: ProjectContext, remote?: string): Promise<void> {
  assertLocked(context);
  await dropDamaged(context.store, await requiredBlobs(context));
  if ((await hasData(context)) && (await hasChampion(context))) return;
  await pullIfRemote(
    context,
    () => referencesOf(context, { models: [context.project.definition.name] }),
    remote,
  );
  if (await hasData(context)) return;
  if (context.project.definition.collect) await collectTable(context);
  await assertAsLocked(context);
}

/**
 * Brings the files that a project's features are joined from into the store, as far as they are locked. Whoever trains does not
 * need them: the table is joined.
 *
 * @param remote as for {@link provideData}
 * @throws MainstemError REMOTE_*
 */
export async function provideSources(context: ProjectContext, remote?: string): Promise<void> {
  const { project, store } = context;
  const names = sourcesOf(project).map(({ name }) => name);
  const locked = () => referencesOf(context, { datasets: names, models: [] });
  const { blobs } = await locked();
  await dropDamaged(store, [...blobs.keys()]);
  const has = await Promise.all([...blobs.keys()].map((digest) => store.has(digest)));
  if (has.every(Boolean)) return;
  await pullIfRemote(context, locked, remote);
}

/** The digest of every blob that {@link provideData} brings into the store; they need not be there. */
export async function requiredBlobs(context: ProjectContext): Promise<Digest[]> {
  const { workspace, project } = context;
  const { blobs } = await referencesOf(context, { models: [] });
  const promoted = await loadPromoted(workspace.root, project.definition.name);
  const champion = promoted ? artefactsOf(promoted.record) : [];
  return [...blobs.keys(), ...champion.map(({ artefact }) => artefact.digest)];
}

function assertLocked({ lock, project }: ProjectContext): void {
  const open = datasetsOf(project).find(({ name }) => !ownValue(lock.datasets, name));
  if (!open) return;
  const details = { dataset: open.name, project: project.definition.name };
  throw new MainstemError('DATA_UNLOCKED', details);
}

/** What of the lock a project learns from unless other datasets are named, and what the records of some models name. */
function referencesOf(
  { store, lock, project, workspace }: ProjectContext,
  { models, datasets }: { readonly models: readonly string[]; readonly datasets?: string[] },
): Promise<References> {
  const names = datasets ?? datasetsOf(project).map(({ name }) => name);
  const own = pickDatasets(lock, new Set(names));
  return collectReferences(store, { root: workspace.root, lock: own, models });
}

async function hasData(context: ProjectContext): Promise<boolean> {
  const { blobs } = await referencesOf(context, { models: [] });
  for (const digest of blobs.keys()) if (!(await context.store.has(digest))) return false;
  return true;
}

/** Whether what serves can be compared with; true if nothing does. */
async function hasChampion({ workspace, project, store }: ProjectContext): Promise<boolean> {
  const promoted = await loadPromoted(workspace.root, project.definition.name);
  return !promoted || (await missingArtefacts(store, promoted.record)).length === 0;
}

/** Stores the working data, provided that it is what the lock says. */
async function assertAsLocked({ workspace, store, project, lock }: ProjectContext): Promise<void> {
  const { lock: found } = await readWorkingData(workspace, store, [project]);
  for (const { name } of datasetsOf(project)) {
    const [expected, present] = [lock, found].map(
      ({ datasets }) => ownValue(datasets, name)?.digest,
    );
    if (expected === present) continue;
    throw new MainstemError('DATA_NOT_AS_LOCKED', { dataset: name, expected, found: present });
  }
  await lockProject(workspace, store, project);
}
