import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainstemError, MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { readFile } from '../../lib/read-text.ts';
import type { Workspace } from '../../schemas/index.ts';
import { decodeIntactRecord } from '../store/record-file.ts';
import type { Store } from '../store/store.ts';
import { againIfDamaged } from './ask-again.ts';
import { type Inventory, recordKey } from './inventory.ts';
import type { References } from './references.ts';
import { damagedAt, type Remote } from './remote.ts';

interface Ends {
  readonly workspace: Workspace;
  readonly store: Store;
  readonly remote: Remote;
}

/** How many records of a remote are read at once: they are small, and each costs a request. */
const atOnce = 8;

/**
 * Sends the stage records that the remote lacks or has damaged. Those that are there are read, since nothing else says
 * whether they are whole.
 *
 * @returns how many were sent
 * @throws MainstemError REMOTE_FAILED; REMOTE_CORRUPT if the remote keeps a damaged one, when all others are there
 */
export async function sendRecords(
  { workspace, store, remote }: Ends,
  inventory: Inventory,
  { records }: References,
): Promise<number> {
  const { lacking, present } = await recordsToSend({ store, inventory, records });
  for (const key of lacking) await remote.upload(recordKey(key), store.recordPath(key));
  const damaged = await damagedRecords(remote, present, workspace.signal);
  const kept: MainstemError[] = [];
  for (const key of damaged) {
    const error = await replaceRecord(remote, key, store.recordPath(key));
    if (error) kept.push(error);
    else workspace.reporter.info(`${recordKey(key)} was damaged in the remote and is replaced.`);
  }
  if (kept[0]) throw kept[0];
  return lacking.length + damaged.length;
}

interface Sources {
  readonly store: Store;
  readonly inventory: Inventory;
  readonly records: References['records'];
}

/** Of the records that are whole here, those that the remote lacks (or gc is going to delete there), and the others. */
async function recordsToSend({ store, inventory, records }: Sources) {
  const lacking: Digest[] = [];
  const present: Digest[] = [];
  for (const key of records.keys()) {
    if (!(await store.readRecord(key))) continue;
    const name = recordKey(key);
    const stays = inventory.keys.has(name) && !inventory.condemned.has(name);
    (stays ? present : lacking).push(key);
  }
  return { lacking, present };
}

async function damagedRecords(
  remote: Remote,
  keys: readonly Digest[],
  signal: AbortSignal,
): Promise<Digest[]> {
  const damaged: Digest[] = [];
  for (let first = 0; first < keys.length; first += atOnce) {
    signal.throwIfAborted();
    const some = keys.slice(first, first + atOnce);
    const whole = await Promise.all(some.map((key) => isWhole(remote, key)));
    damaged.push(...some.filter((_, at) => !whole[at]));
  }
  return damaged;
}

/** What a damaged record is, in words. */
export function otherThanRecord(key: Digest) {
  return { expected: `the record of ${key}`, found: 'other content' };
}

async function isWhole(remote: Remote, key: Digest): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-record-'));
  const path = join(folder, 'record.json');
  try {
    return await againIfDamaged(async () => {
      await rm(path, { force: true });
      await remote.download(recordKey(key), path);
      if (decodeIntactRecord(await readFile(path, 'utf8'), key, path)) return true;
      throw damagedAt(remote, recordKey(key), otherThanRecord(key));
    });
  } catch (error) {
    if (isMainstemError(error, 'REMOTE_CORRUPT') || isMainstemError(error, 'REMOTE_MISSING')) {
      return false;
    }
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Puts a whole record in the place of a damaged one. It is removed first, since a bucket writes only what is not there;
 * where nothing may be deleted, a registry still takes another one under the same name.
 *
 * @returns the error if the remote keeps the damaged one
 */
async function replaceRecord(
  remote: Remote,
  key: Digest,
  file: string,
): Promise<MainstemError | null> {
  const refused = await remote.remove(recordKey(key)).then(() => null, asOwn);
  await remote.upload(recordKey(key), file);
  if (await isWhole(remote, key)) return null;
  const { address } = remote;
  const expected = `the record of ${key}`;
  const details = { address, key: recordKey(key), expected, found: 'other content' };
  return refused ?? new MainstemError('REMOTE_CORRUPT', details);
}

function asOwn(error: unknown): MainstemError {
  if (isMainstemError(error)) return error;
  throw error;
}
