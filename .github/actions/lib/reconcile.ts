import { git, isObjectName } from '../../../platform/lib/git.ts';
import { digestTree } from '../../../platform/registry/index.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { buildRelease } from './build-release.ts';
import { type DeployTarget, rollOut } from './deploy-target.ts';
import type { Releases } from './releases.ts';
import {
  askServed,
  compareServed,
  type Reach,
  readWanted,
  type Served,
  waitForServed,
} from './served.ts';
import { smokeTest } from './smoke.ts';

/** What a deployment works with. */
export interface Deployment extends Reach {
  /** The checkout; what its commit says is what shall serve. */
  readonly workspace: Workspace;
  readonly releases: Releases;
  readonly target: DeployTarget;
  /** Remote with the models; '' for the configured one. */
  readonly remote: string;
  readonly timeoutSeconds: number;
  /** Brings a commit that the checkout lacks, if it still exists. */
  readonly fetch: (commit: string) => Promise<void>;
}

/** How a deployment ended. */
export type Outcome =
  | { readonly state: 'unchanged' | 'deployed' | 'outdated'; readonly commit: string }
  /** `previous` serves again; null if there was none. */
  | {
      readonly state: 'failed';
      readonly commit: string;
      readonly previous: string | null;
      readonly error: unknown;
    };

/**
 * Brings the server into line with the checkout: records of all models, in both directions, and the server's own files.
 * Repeating it does nothing; an older commit never replaces a newer one; what does not answer is rolled back.
 *
 * @throws MainstemError DEPLOY_KEY_REFUSED, and what {@link buildRelease} throws: nothing was switched then
 */
export async function reconcile(deployment: Deployment): Promise<Outcome> {
  const { workspace, releases } = deployment;
  const { root, reporter } = workspace;
  const commit = await git(root, 'rev-parse', 'HEAD');
  const wanted = await readWanted(root);
  if (wanted.records.size === 0) {
    reporter.info('Nothing is promoted yet, so there is nothing to serve.');
    return { state: 'unchanged', commit };
  }
  const previous = await releases.current();
  const differences = [
    ...compareServed(wanted, await askServed(deployment)),
    ...(await compareInfra(deployment, previous)),
  ];
  if (differences.length === 0) {
    reporter.info('The server already serves what production names.');
    return { state: 'unchanged', commit };
  }
  if (previous && (await isOlder(deployment, commit, previous))) {
    reporter.info(`${previous}, which is newer than ${commit}, was deployed meanwhile.`);
    return { state: 'outdated', commit };
  }
  reporter.info(`Deploying ${commit}: ${differences.join('; ')}`);
  await releases.create(commit, (folder) => buildRelease(folder, sourceOf(deployment, commit)));
  const error = await activate(deployment, commit, wanted);
  if (error === null) {
    await releases.prune([commit, previous]);
    return { state: 'deployed', commit };
  }
  return { state: 'failed', commit, previous: await goBack(deployment, commit, previous), error };
}

function sourceOf({ workspace, releases, remote, target }: Deployment, commit: string) {
  const { runnable } = target;
  return { workspace, commit, remote, shared: releases.folder, runnable };
}

/** How it runs may have changed although the server itself has not. */
async function compareInfra(
  { workspace, releases }: Deployment,
  previous: string | null,
): Promise<string[]> {
  if (!previous) return [];
  const digestOf = (root: string) => digestTree(root, ['infra']).catch(() => null);
  const [before, after] = await Promise.all(
    [releases.pathOf(previous), workspace.root].map(digestOf),
  );
  return before === after ? [] : ['infra has changed'];
}

/** Whether `commit` is an ancestor of the one that is deployed. */
async function isOlder(
  { workspace, fetch }: Deployment,
  commit: string,
  deployed: string,
): Promise<boolean> {
  const { root, reporter } = workspace;
  if (commit === deployed) return false;
  const isHere = () =>
    git(root, 'cat-file', '-e', '--end-of-options', `${deployed}^{commit}`).then(
      () => true,
      () => false,
    );
  // A folder that somebody made by hand may be called anything, also as a branch or an option of git.
  const isNamed = isObjectName(deployed);
  if (isNamed && !(await isHere())) await fetch(deployed).catch(() => {});
  if (!isNamed || !(await isHere())) {
    reporter.warn(
      `${deployed}, which is deployed, is not in the history${isNamed ? ': it was rewritten' : ''}.`,
    );
    return false;
  }
  return (
    (await git(root, 'merge-base', '--end-of-options', commit, deployed).catch(() => '')) === commit
  );
}

/** @returns why it does not serve; null if it does */
async function activate(deployment: Deployment, commit: string, wanted: Served): Promise<unknown> {
  const { releases, target, timeoutSeconds } = deployment;
  const folder = releases.pathOf(commit);
  try {
    await releases.switchTo(commit);
    await rollOut(target, folder, commit);
    await waitForServed(deployment, wanted, timeoutSeconds);
    await smokeTest(folder, deployment);
    return null;
  } catch (error) {
    return error;
  }
}

/** @returns the commit that serves again; null if there is none */
async function goBack(
  deployment: Deployment,
  failed: string,
  previous: string | null,
): Promise<string | null> {
  const { releases, workspace } = deployment;
  if (!previous || previous === failed) return null;
  workspace.reporter.warn(`${failed} does not serve; going back to ${previous}.`);
  const error = await activate(deployment, previous, await readWanted(releases.pathOf(previous)));
  if (error === null) return previous;
  workspace.reporter.warn(`${previous} does not serve either: ${String(error)}`);
  return null;
}
