import { MainstemError } from '../../../platform/lib/errors.ts';
import { git, gitEntries } from '../../../platform/lib/git.ts';
import { markdownText, unlinkedText } from '../../../platform/lib/markdown.ts';
import { isRecordPath } from '../../../platform/registry/index.ts';
import { type CommittedFile, commitFiles } from './commit-files.ts';
import { context } from './event.ts';
import { changedFiles } from './fetch-commit.ts';
import type { GitHub } from './github.ts';
import { approvalNote, openPull } from './open-pull.ts';
import { runUrl } from './statuses.ts';

/** A deployment that was rolled back. */
export interface FailedDeployment {
  /** A checkout of the default branch with its history. */
  readonly root: string;
  readonly failed: string;
  /** The commit that serves again. */
  readonly serving: string;
  readonly byApp: boolean;
}

/**
 * Proposes to undo what was merged since the commit that serves, so that the default branch says again what serves.
 * Records of models stay: they are never changed.
 *
 * @returns the number of the pull request, or why there is nothing to undo
 * @throws MainstemError REVERT_CONFLICT if those files have been changed again since
 */
export async function proposeRevert(
  github: GitHub,
  deployment: FailedDeployment,
): Promise<number | string> {
  const { root, failed, serving, byApp } = deployment;
  const since = ['log', '-z', '--first-parent', '--format=%h%x00%s', '--end-of-options'];
  const merged = await gitEntries(root, 2, ...since, `${serving}..${failed}`);
  if (merged.length === 0)
    return `${failed} merges nothing that ${serving} does not have: there is nothing to undo.`;
  const { data: repository } = await github.rest.repos.get(context.repo);
  const base = repository.default_branch;
  const { data: tip } = await github.rest.git.getRef({ ...context.repo, ref: `heads/${base}` });
  const files = await filesBefore(deployment, tip.object.sha);
  if (Object.keys(files).length === 0)
    return `${failed} merges only records, which stay: there is nothing to undo.`;
  const branch = `revert/${failed.slice(0, 12)}`;
  const title = `Go back to ${serving.slice(0, 12)}: ${failed.slice(0, 12)} does not serve`;
  await commitFiles(github, {
    ...{ branch, parent: tip.object.sha, files, replace: true },
    message: `${title}\n\n${unlinkedText(`The deployment of ${failed} failed and was rolled back.`)}`,
  });
  const undone = merged.map(([commit, subject]) => `- ${markdownText(`${commit} ${subject}`)}`);
  const body = [
    `The [deployment](${runUrl()}) of ${failed} failed; ${serving} was rolled out again and serves.`,
    'Merging this makes the default branch say so. It undoes:',
    undone.join('\n'),
    'Close it if a fix is on its way: the next deployment replaces what serves.',
    approvalNote(byApp),
  ];
  return openPull(github, { branch, base, title, body: body.filter(Boolean).join('\n\n') });
}

/** The files that were changed since the commit that serves, as they were there. */
async function filesBefore(
  { root, failed, serving }: FailedDeployment,
  tip: string,
): Promise<Record<string, CommittedFile>> {
  const undone = (await changedFiles(root, serving, failed)).filter(
    ({ path }) => !isRecordPath(path),
  );
  const again = new Set((await changedFiles(root, failed, tip)).map(({ path }) => path));
  const conflict = undone.find(({ path }) => again.has(path));
  if (conflict) throw new MainstemError('REVERT_CONFLICT', { path: conflict.path, failed });
  const files: Record<string, CommittedFile> = {};
  for (const { path, status } of undone) {
    files[path] = status === 'added' ? null : await blobAt(root, serving, path);
  }
  return files;
}

async function blobAt(root: string, commit: string, path: string): Promise<CommittedFile> {
  const listed = await git(
    root,
    'ls-tree',
    '-z',
    '--full-tree',
    '--end-of-options',
    commit,
    '--',
    `:(literal)${path}`,
  );
  const [mode = '', , blob = ''] = (listed.split('\t')[0] ?? '').split(' ');
  return { mode: mode === '100755' ? '100755' : mode === '120000' ? '120000' : '100644', blob };
}
