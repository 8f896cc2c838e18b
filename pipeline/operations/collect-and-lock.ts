import { MainstemError } from '../../platform/lib/errors.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import type { DataLock } from '../../platform/schemas/index.ts';
import {
  datasetsOf,
  diffLocks,
  lockedOf,
  lockProject,
  renderDataDiff,
  restoreDataset,
} from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';
import type { JoinNote } from '../join-note.ts';
import { readJoinNote } from '../joined-table.ts';
import { collectProject } from './collect.ts';
import { joinTable } from './features/join.ts';
import { describeIngest } from './ingest/describe-ingest.ts';
import { ingestFeedback } from './ingest/ingest-feedback.ts';
import { provideData, provideSources } from './provide-data.ts';
import { recollects } from './recollects.ts';
import { pushIfRemote } from './transfer.ts';

/** A lock that differs from the committed one. */
export interface LockChange {
  readonly lock: DataLock;
  /** What has changed: for each dataset counts, classes, and a few paths. */
  readonly diff: string;
  /** What became of feedback, a sentence a line; none where there was none. */
  readonly feedback: readonly string[];
  /** What the table was joined from, which is committed with the lock; null for a project without features. */
  readonly joined: JoinNote | null;
}

/** What is collected, and where it goes. */
export interface CollectRequest {
  /** '' for the project's default. */
  readonly harvest: string;
  /** '' for the default one. */
  readonly remote: string;
  /** Folder of the server's feedback; '' where nobody has it. */
  readonly feedback: string;
  /** Folder of the server's prediction log, for features that are gathered from it; '' where nobody has it. */
  readonly predictions: string;
  /** The page to review it. */
  readonly sheet: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Collects on top of the locked data, adds what people labelled, joins features, locks, and pushes to the remote; null if what is
 * learnt from stays as it is.
 *
 * @throws what {@link provideData}, {@link ingestFeedback} and {@link joinTable} throw, COLLECT_MISSING where there is no feedback
 *   either,
 *   COLLECT_UNREACHABLE if there is no remote and whoever has the new lock could not collect the same data
 */
export async function collectAndLock(
  context: ProjectContext,
  { harvest, remote, predictions, ...ingest }: CollectRequest,
): Promise<LockChange | null> {
  const { workspace, store, project } = context;
  await provideData(context, remote);
  await provideSources(context, remote);
  await restoreFiles(context);
  const { collect, classes } = project.definition;
  const learnsFromPeople = ingest.feedback !== '' && classes !== undefined;
  if (collect || !learnsFromPeople) await collectProject(context, harvest || undefined);
  const report = learnsFromPeople ? await ingestFeedback(context, ingest) : null;
  const joined = await joinCollected(context, { ...ingest, predictions });
  const lock = await lockProject(workspace, store, project);
  const diff = await diffLocks(store, context.lock, lock);
  // A source may grow without a row that sees it.
  const isOther = datasetsOf(project).some(({ name }) => ownValue(diff.datasets, name));
  if (!isOther) return null;
  const pushed = await pushIfRemote(context, lock, remote);
  if (!pushed && !(await recollects(context, lock))) {
    throw new MainstemError('COLLECT_UNREACHABLE', { name: project.definition.name });
  }
  const feedback = report ? describeIngest(report) : [];
  return { lock, diff: renderDataDiff(diff), feedback, joined };
}

/** The rows and sources that were collected or restored become the table. */
async function joinCollected(
  context: ProjectContext,
  { feedback, predictions, now }: Pick<CollectRequest, 'feedback' | 'predictions' | 'now'>,
): Promise<JoinNote | null> {
  if (!context.project.definition.features) return null;
  const folders = { ...(feedback && { feedback }), ...(predictions && { predictions }) };
  await joinTable(context, { folders, now });
  return readJoinNote(context);
}

/** What is pulled lies in the store, and a lock is made of files: without the earlier ones it would hold only what is new. */
async function restoreFiles({ workspace, store, lock, project }: ProjectContext): Promise<void> {
  for (const { name } of lockedOf(project)) {
    const locked = ownValue(lock.datasets, name);
    if (locked) await restoreDataset(workspace, store, locked);
  }
}
