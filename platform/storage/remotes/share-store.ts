import { isMainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import type { StageRecord, Workspace } from '../../schemas/index.ts';
import type { Store } from '../store/store.ts';
import { pull } from './pull.ts';
import { push, type TransferOptions } from './push.ts';
import { findArtefacts, type References } from './references.ts';

/** A store whose results other machines find. */
export interface SharedStore extends Store {
  noteReuse(record: StageRecord): Promise<void>;
}

/**
 * The store of a machine that works with others: what a stage left anywhere is found here by its run key, with the blobs that
 * it names, and what is done here is found by the others. Only results are shared; a failure stays on its machine.
 *
 * Whoever can write to the remote decides what is found there: give machines that run other code another remote.
 *
 * @throws MainstemError REMOTE_FAILED from `readRecord`, `writeRecord` and `noteReuse`
 */
export function shareStore(ends: TransferOptions): SharedStore {
  const { store, workspace } = ends;
  // Each stage would show progress of its own.
  const quiet = { ...ends, workspace: { ...workspace, reporter: onlyWarn(workspace.reporter) } };
  const shared = new Set<Digest>();
  const share = async ({ status, key }: StageRecord) => {
    if (status !== 'done' || shared.has(key)) return;
    await push(quiet, await referencesOf(store, key));
    shared.add(key);
  };
  return {
    ...store,
    async readRecord(key) {
      const own = await store.readRecord(key);
      if (own?.status === 'done' && (await hasAll(store, own))) return own;
      await fetchResult(quiet, key, own);
      return store.readRecord(key);
    },
    async writeRecord(record) {
      await store.writeRecord(record);
      await share(record);
    },
    // What was done here before it was shared is looked for by the others, too.
    noteReuse: share,
  };
}

function onlyWarn({ warn }: Workspace['reporter']): Workspace['reporter'] {
  const ignore = () => {};
  return { warn, info: ignore, progress: () => ({ update: ignore, end: ignore }) };
}

async function hasAll(store: Store, { outputs }: StageRecord): Promise<boolean> {
  for (const { digest } of findArtefacts(outputs)) if (!(await store.has(digest))) return false;
  return true;
}

/** Looks for the result that another machine left, and keeps it here; a damaged one counts as missing. */
async function fetchResult(
  ends: TransferOptions,
  key: Digest,
  own: StageRecord | null,
): Promise<void> {
  const view = withoutFailure(ends.store, own);
  try {
    await pull({ ...ends, store: view }, () => referencesOf(view, key));
  } catch (error) {
    if (!isMainstemError(error, 'REMOTE_CORRUPT')) throw error;
    ends.workspace.reporter.warn(
      `${error.message} It counts as missing, and the stage runs again.`,
    );
  }
}

/** The store as if what failed here had never run, until a record takes its place. */
function withoutFailure(store: Store, own: StageRecord | null): Store {
  let hidden = own?.status === 'failed';
  return {
    ...store,
    readRecord: async (key) => (hidden ? null : store.readRecord(key)),
    async writeRecord(record) {
      hidden = false;
      await store.writeRecord(record);
    },
  };
}

async function referencesOf(store: Store, key: Digest): Promise<References> {
  const by = `run key ${key}`;
  const record = await store.readRecord(key);
  const blobs = new Map(findArtefacts(record?.outputs).map(({ digest }) => [digest, by]));
  return { blobs, records: new Map([[key, by]]) };
}
