import { MainstemError } from '../../../platform/lib/errors.ts';
import { git } from '../../../platform/lib/git.ts';
import type { Digest } from '../../../platform/lib/hash.ts';
import type { BackendInfo } from '../../../platform/schemas/index.ts';
import {
  collectReferences,
  datasetsOf,
  findRemoteAddress,
  pickDatasets,
  push,
} from '../../../platform/storage/index.ts';
import { isImageName, loadJobSettings, type Site } from '../../cluster/index.ts';
import type { ProjectContext } from '../../context.ts';
import { openTransfer } from '../transfer.ts';

/** Where a project's work runs, as far as it is asked for. */
export interface SiteRequest {
  /** Address of the remote; left out or empty, the one that is configured. */
  readonly remote?: string | undefined;
  /** Instead of the one in package.json. */
  readonly image?: string | undefined;
  /** As the command line of the Job takes it. */
  readonly backend: string;
  /** Of the work that is given away; null if it is unknown here. */
  readonly recipe: Digest | null;
}

/** What stands in an image's name for the commit; texts about it name it as it is written. */
const place = '{commit}';

/**
 * Finds out with what Jobs of a project run. The image must hold the commit of the working tree, which its name says.
 *
 * @throws MainstemError JOB_SETTINGS_INVALID, JOB_IMAGE_UNSET, JOB_IMAGE_INVALID, JOB_REMOTE, REMOTE_UNSET, GIT_*
 */
export async function openSite(
  { workspace: { root, reporter }, project }: Pick<ProjectContext, 'workspace' | 'project'>,
  { remote: option, image: asked, backend, recipe }: SiteRequest,
): Promise<Site> {
  const settings = await loadJobSettings(root);
  const named = asked ?? settings.image;
  if (named === undefined) throw new MainstemError('JOB_IMAGE_UNSET', { commit: place });
  const remote = await findRemoteAddress(root, { option, environment: process.env });
  if (!/^(s3|oci):\/\//.test(remote)) throw new MainstemError('JOB_REMOTE', { address: remote });
  const commit = await git(root, 'rev-parse', 'HEAD');
  const changed = await git(root, 'status', '--porcelain', '--untracked-files=no');
  if (changed !== '') {
    reporter.warn(`The image of ${commit.slice(0, 12)} lacks what is not committed here.`);
  }
  const image = named.replaceAll(place, commit);
  if (!isImageName(image))
    throw new MainstemError('JOB_IMAGE_INVALID', { image: named, commit: place });
  const { name, limits } = project.definition;
  return { project: { name, limits }, image, remote, commit, backend, recipe, settings };
}

/** Puts the data of a project where its Jobs find it. @throws MainstemError REMOTE_* */
export async function publishData(context: ProjectContext, remote: string): Promise<void> {
  const { store, project, lock, workspace } = context;
  const own = pickDatasets(lock, new Set(datasetsOf(project).map(({ name }) => name)));
  const references = await collectReferences(store, {
    root: workspace.root,
    lock: own,
    models: [],
  });
  await push(await openTransfer(context, remote), references);
}

/** What `--backend` says, so that a machine with more to choose from takes the same. */
export function backendWord({ name }: BackendInfo): string {
  return name === 'javascript' ? 'auto' : name;
}
