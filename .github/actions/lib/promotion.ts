import { MainstemError } from '../../../platform/lib/errors.ts';
import { parseJson } from '../../../platform/lib/json.ts';
import { unlinkedText } from '../../../platform/lib/markdown.ts';
import { isRecordPath } from '../../../platform/registry/index.ts';
import { ModelRecord, type Workspace } from '../../../platform/schemas/index.ts';
import {
  artefactReferences,
  createFolderRemote,
  openRemote,
  openStore,
  pull,
  push,
} from '../../../platform/storage/index.ts';
import type { JudgedProject } from './judgement-file.ts';

/** Whether files of a project make a model serve; others only note that it was measured and refused. */
export function isPromoted({ files, promotion }: JudgedProject): boolean {
  return Object.keys(files).length > 0 && promotion.state !== 'failure';
}

/** The commit message: what is promoted, and why; or that something was measured on held-back examples and refused. */
export function promotionMessage(due: readonly JudgedProject[]): string {
  const projects = due.filter(isPromoted);
  if (projects.length === 0) {
    const refused = due.map(({ project }) => unlinkedText(project)).join(', ');
    return `Note a look at what is held back of ${refused}\n\nThe model was refused.`;
  }
  const titles = projects.map(({ project, report }) =>
    unlinkedText(`${project} ${report?.candidate.run ?? ''}`),
  );
  const verdicts = projects.map(({ project, report }) =>
    unlinkedText(`${project}: ${report?.verdict ?? ''}`),
  );
  return `Promote ${titles.join(', ')}\n\n${verdicts.join('\n')}\nMerging this pull request makes it serve.`;
}

/**
 * Sends the artefacts of a judged candidate to the remote that serving and the next comparison read, verified by the
 * digests that its record names.
 *
 * @param blobs folder remote with the artefacts
 * @param address '' for the default remote
 * @throws MainstemError REMOTE_UNSET: what is stored nowhere is not promoted; REMOTE_CORRUPT, REMOTE_FAILED
 */
export async function storeArtefacts(
  workspace: Workspace,
  { files }: JudgedProject,
  blobs: string,
  address: string,
): Promise<void> {
  const found = Object.entries(files).find(([path]) => isRecordPath(path));
  if (!found) return;
  const [path, text] = found;
  const references = artefactReferences(parseJson(text, ModelRecord, path));
  // A store of its own, so that nothing but these artefacts is sent.
  const store = openStore(workspace.root, `${blobs}-store`);
  const here = { workspace, store, remote: createFolderRemote(blobs) };
  const { missing } = await pull(here, async () => references);
  if (missing.length > 0) {
    const reason = `lacks ${missing.map(({ digest }) => digest).join(', ')}`;
    throw new MainstemError('BUNDLE_INVALID', { path: blobs, reason });
  }
  const sources = {
    option: address || undefined,
    environment: process.env,
    reporter: workspace.reporter,
  };
  const remote = await openRemote(workspace.root, sources);
  await push({ workspace, store, remote }, references);
}
