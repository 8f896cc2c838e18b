import { createPublicKey } from 'node:crypto';
import { isOlderCommit } from '../../platform/lib/commit-order.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { commitOf } from '../../platform/lib/git.ts';
import {
  parsePrivateKey,
  parsePublicKey,
  promotedModelsAt,
  type ServedDocument,
  type ServedFiles,
  servedFilesAt,
  servedKey,
} from '../../platform/registry/index.ts';
import { type PublishOptions, publish, readPublished } from './publish.ts';

/** What is published unless it was already. */
export interface PublishNewerOptions extends PublishOptions {
  /** The half of the key by which servers follow. */
  readonly publicKey: string;
  /** Brings a commit that the checkout lacks, if it still exists. */
  readonly fetch: (commit: string) => Promise<void>;
}

/** How it ended. */
export interface PublishOutcome {
  readonly state: 'published' | 'unchanged' | 'outdated';
  readonly commit: string;
  /** The key of the document that servers read now; '' where there is none. */
  readonly document: string;
}

/**
 * Brings what is published of a branch into line with a commit. Repeating it does nothing; an older commit never replaces a
 * newer one, so that a run that was lost, is late or is repeated does no harm.
 *
 * @throws MainstemError PUBLISH_KEY_MISSING, PUBLISH_KEY_OTHER, and what {@link publish} throws
 */
export async function publishNewer(options: PublishNewerOptions): Promise<PublishOutcome> {
  assertPair(options);
  const { transfer, branch, revision } = options;
  const { root, reporter } = transfer.workspace;
  const commit = await commitOf(root, revision);
  const before = await readPublished(options);
  const kept = { commit, document: before ? servedKey(branch, before.sequence) : '' };
  if ((await promotedModelsAt(root, commit)).length === 0) {
    reporter.info('Nothing is in production, so there is nothing to publish.');
    return { state: 'unchanged', ...kept };
  }
  if (before && isSame(before, await servedFilesAt(root, commit))) {
    reporter.info(`What ${commit} serves is published already, as of ${before.commit}.`);
    return { state: 'unchanged', ...kept };
  }
  if (before && (await isOlder(options, commit, before.commit))) {
    reporter.info(`${before.commit}, which is newer than ${commit}, was published meanwhile.`);
    return { state: 'outdated', ...kept };
  }
  const { key: document, models } = await publish({ ...options, revision: commit });
  reporter.info(`Published ${models.join(', ')} of ${commit} to ${transfer.remote.address}.`);
  return { state: 'published', commit, document };
}

/** What servers do not follow must fail here, where somebody sees it. */
function assertPair({ privateKey, publicKey }: PublishNewerOptions): void {
  if (privateKey.trim() === '') throw new MainstemError('PUBLISH_KEY_MISSING');
  const own = createPublicKey(parsePrivateKey(privateKey));
  if (!own.equals(parsePublicKey(publicKey))) throw new MainstemError('PUBLISH_KEY_OTHER');
}

function isSame(before: ServedDocument, { files }: ServedFiles): boolean {
  const isKept = ([path, bytes]: readonly [string, Uint8Array]) => {
    const found = before.files.get(path);
    return found !== undefined && Buffer.compare(found, bytes) === 0;
  };
  return before.files.size === files.size && [...files].every(isKept);
}

async function isOlder(
  { transfer, fetch }: PublishNewerOptions,
  commit: string,
  published: string,
): Promise<boolean> {
  const { root, reporter } = transfer.workspace;
  const older = await isOlderCommit(root, { commit, than: published, fetch });
  if (older === null)
    reporter.warn(`${published}, which is published, is not in the history: it was rewritten.`);
  return older === true;
}
