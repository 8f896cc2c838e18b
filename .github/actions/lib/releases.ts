import { mkdir, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { exists } from '../../../platform/lib/files.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';

/**
 * The releases on a serving host, one folder a commit. A server never runs from a runner's checkout, which the next job
 * cleans. `current` is a link that is switched at once; `store`, `features`, `packages` and `node` are shared by the releases.
 */
export interface Releases {
  readonly folder: string;
  /** The commit that `current` names; null before the first deployment. */
  current(): Promise<string | null>;
  /** The folder of a commit's release. */
  pathOf(commit: string): string;
  /** Makes a release, whole or not at all; one that exists is kept. */
  create(commit: string, fill: (folder: string) => Promise<void>): Promise<void>;
  /** Points `current` at a release. */
  switchTo(commit: string): Promise<void>;
  /** Removes all but the newest few releases. @param needed commits that stay in any case */
  prune(needed: readonly (string | null)[]): Promise<void>;
}

const kept = 5;
const commitName = /^[0-9a-f]{40}$/;

/** Opens the folder, which is created if it is missing. @throws MainstemError DEPLOY_FOLDER_UNUSABLE */
export async function openReleases(folder: string): Promise<Releases> {
  await makeFolder(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new MainstemError('DEPLOY_FOLDER_UNUSABLE', { folder, reason: cause.code }, { cause });
  });
  const pathOf = (commit: string) => join(folder, commit);
  const link = join(folder, 'current');
  return {
    folder,
    pathOf,
    current: async () => basename(await readlink(link).catch(() => '')) || null,
    create: (commit, fill) => createWhole(pathOf(commit), fill),
    switchTo: (commit) => switchLink(link, commit),
    prune: (needed) => removeOld(folder, new Set(needed)),
  };
}

async function createWhole(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  if (await exists(path)) return;
  const unfinished = `${path}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  await fill(unfinished);
  await rename(unfinished, path);
}

/** A rename replaces the link in one step: whoever reads it sees the old release or the new one. */
async function switchLink(link: string, target: string): Promise<void> {
  await rm(`${link}.new`, { force: true });
  await symlink(target, `${link}.new`);
  await rename(`${link}.new`, link);
}

async function removeOld(folder: string, needed: ReadonlySet<string | null>): Promise<void> {
  const commits = (await readdir(folder)).filter((name) => commitName.test(name));
  const dated = commits.map(async (commit) => ({
    commit,
    made: (await stat(join(folder, commit))).mtimeMs,
  }));
  const byAge = (await Promise.all(dated)).sort((a, b) => b.made - a.made);
  for (const { commit } of byAge.slice(kept)) {
    if (!needed.has(commit)) await rm(join(folder, commit), { recursive: true, force: true });
  }
}
