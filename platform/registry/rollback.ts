import { join } from 'node:path';
import { MainstemError } from '../lib/errors.ts';
import { exists } from '../lib/files.ts';
import { assertHead, fileAt, git, headCommit, isShallow, otherwise } from '../lib/git.ts';
import type { Waiter } from '../lib/turn.ts';
import type { CheckedStore, ModelPointer, ModelRecord } from '../schemas/index.ts';
import { missingArtefacts } from './artefacts.ts';
import { pointersDiffer, readPointers, uncommittedPointer } from './committed.ts';
import { type HistoryEntry, history } from './history.ts';
import { type Channel, pointerPath, recordPath } from './paths.ts';
import { loadRecord, parseRecord } from './read.ts';
import { applyTreeChange, renderJson, withRepositoryTurn } from './write.ts';

/** What a rollback needs to know. */
export interface Rollback extends Waiter {
  readonly store: CheckedStore;
  readonly model: string;
  readonly channel: Channel;
  /** First digits of the run to go back to; if left out, the run that served before the current one. */
  readonly to?: string;
  /** False leaves the pointer in the working tree. */
  readonly commit: boolean;
}

/** What a rollback did. */
export interface RolledBack {
  /** The run that served before the rollback. */
  readonly from: string;
  /** The pointer that names what serves now. */
  readonly pointer: ModelPointer;
  /** The rollback commit; null if only the working tree was changed. */
  readonly commit: string | null;
}

/**
 * Points back to a run that served before what HEAD serves. Records are never deleted; one that a revert deleted is brought back from
 * git's history.
 *
 * @throws MainstemError ROLLBACK_NOTHING, ROLLBACK_UNKNOWN_RUN, MODEL_POINTER_UNCOMMITTED, PROMOTE_ARTEFACT_MISSING, MODEL_RECORD_MISSING,
 *   MODEL_RECORD_CHANGED, JSON_INVALID, GIT_FAILED, GIT_HOOK_CHANGED, GIT_NO_COMMITS, GIT_BRANCH_UNBORN, INTERRUPTED
 * @example const { from, pointer } = await rollback(request); // from '8d11c02e5a90', pointer.run '3f2a9c41d07b'
 */
export async function rollback(request: Rollback): Promise<RolledBack> {
  return withRepositoryTurn(request, () => rollBackInTurn(request));
}

async function rollBackInTurn(request: Rollback): Promise<RolledBack> {
  const { root, model, channel, store } = request;
  await assertHead(root);
  const pointers = await readPointers(root, model, channel);
  const current = pointers.committed;
  const pointer = await earlierPointer(request, current);
  // It would be overwritten by what is rolled back to, without anybody having looked at it.
  if (pointersDiffer(pointers)) throw uncommittedPointer(model, channel, pointers, 'it changed');
  const { record, restored } = await findRecord(root, model, pointer);
  const missing = await missingArtefacts(store, record);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new MainstemError('PROMOTE_ARTEFACT_MISSING', {
      model,
      run: pointer.run,
      missing: names,
    });
  }
  const from = current?.run ?? 'nothing';
  const subject = `Roll back ${model} from ${from} to ${pointer.run}`;
  const message = request.commit ? subject : null;
  const files = { ...restored, [pointerPath(model, channel)]: renderJson(pointer) };
  const commit = await applyTreeChange(root, { files, include: [], message });
  return { from, pointer, commit };
}

/** What would serve after a rollback of what HEAD serves. */
export interface EarlierPromotion {
  /** The run that HEAD serves. */
  readonly from: string;
  /** The pointer of the run before it, word for word. */
  readonly pointer: ModelPointer;
  /** By path, what a rollback writes: the pointer, and a record that has been deleted. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Finds what a rollback of production would write, and writes nothing.
 *
 * @throws MainstemError ROLLBACK_NOTHING, MODEL_RECORD_MISSING, MODEL_RECORD_CHANGED, JSON_INVALID, GIT_FAILED
 * @example (await findEarlierPromotion(root, 'pumpkins')).pointer.run // '3f2a9c41d07b'
 */
export async function findEarlierPromotion(root: string, model: string): Promise<EarlierPromotion> {
  const { committed } = await readPointers(root, model, 'production');
  if (!committed) throw await nothingEarlier(root, model);
  const pointer = await earlierPointer({ root, model, channel: 'production' }, committed);
  const { restored } = await findRecord(root, model, pointer);
  const files = { ...restored, [pointerPath(model, 'production')]: renderJson(pointer) };
  return { from: committed.run, pointer, files };
}

/** The record that a pointer names, and the files to write if it is not in the tree any more. */
async function findRecord(
  root: string,
  model: string,
  { run, record: digest }: ModelPointer,
): Promise<{ record: ModelRecord; restored: Readonly<Record<string, string>> }> {
  const path = recordPath(model, run);
  const text = (await exists(join(root, path))) ? null : await readDeleted(root, path);
  if (text === null) return { record: await loadRecord(root, model, run, digest), restored: {} };
  return { record: parseRecord(text, { model, run, digest }), restored: { [path]: text } };
}

/** The last text of a file that has been deleted; null if git has never had it. */
async function readDeleted(root: string, path: string): Promise<string | null> {
  const last = ['log', '-1', '--format=%H', '--diff-filter=AM', '--', path];
  const commit = await git(root, ...last).catch(otherwise(''));
  const text = commit === '' ? null : await fileAt(root, commit, path);
  return text === null ? null : `${text}\n`;
}

async function earlierPointer(
  { root, model, channel, to }: Pick<Rollback, 'root' | 'model' | 'channel' | 'to'>,
  current: ModelPointer | null,
): Promise<ModelPointer> {
  const entries = (await headCommit(root)) === null ? [] : await history(root, model, channel);
  const others = entries
    .flatMap(({ pointer }) => pointer ?? [])
    .filter((pointer) => pointer.run !== current?.run);
  if (others.length === 0) throw await nothingEarlier(root, model);
  if (to === undefined) {
    const before = promotionsInEffect(entries).findLast((pointer) => pointer.run !== current?.run);
    if (!before) throw await nothingEarlier(root, model);
    return before;
  }
  const found = others.find((pointer) => pointer.run.startsWith(to));
  if (found) return found;
  const known = [...new Set(others.map((pointer) => pointer.run))].join(', ');
  throw new MainstemError('ROLLBACK_UNKNOWN_RUN', { model, run: to, known });
}

async function nothingEarlier(root: string, model: string): Promise<MainstemError> {
  const where = (await isShallow(root)) ? ' in this shallow clone' : '';
  return new MainstemError('ROLLBACK_NOTHING', { model, where });
}

/**
 * The promotions still in effect, oldest first: runs that were rolled back from are left out, so that rolling back
 * twice goes two steps back instead of one back and one forward.
 *
 * @param entries newest first.
 */
function promotionsInEffect(entries: readonly HistoryEntry[]): ModelPointer[] {
  const stack: ModelPointer[] = [];
  for (const { kind, pointer } of [...entries].reverse()) {
    if (!pointer) continue;
    if (kind === 'rollback') {
      const at = stack.findLastIndex(({ run }) => run === pointer.run);
      stack.splice(at + 1);
    } else stack.push(pointer);
  }
  return stack;
}
