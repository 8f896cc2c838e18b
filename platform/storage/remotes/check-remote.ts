import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Static, Type } from 'typebox';
import { isMainstemError, type MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { readFile } from '../../lib/read-text.ts';
import { digestLarge } from '../store/object-folder.ts';
import { scanPack } from '../store/pack.ts';
import { decodeIntactRecord } from '../store/record-file.ts';
import { againIfDamaged } from './ask-again.ts';
import { type Inventory, lostIndexes, packKey, readInventory, recordKey } from './inventory.ts';
import type { TransferOptions } from './push.ts';
import type { References } from './references.ts';
import type { Remote } from './remote.ts';

/** The result of checking a remote. */
export const RemoteCheck = Type.Object({
  keys: Type.Integer(),
  bytes: Type.Integer(),
  findings: Type.Array(
    Type.Object({
      code: Type.Union([Type.Literal('REMOTE_CORRUPT'), Type.Literal('REMOTE_MISSING')]),
      key: Type.String(),
      message: Type.String(),
    }),
  ),
});
export type RemoteCheck = Static<typeof RemoteCheck>;
type Finding = RemoteCheck['findings'][number];

/**
 * Reads and verifies every pack, object and stage record of a remote, and reports what is referenced but not there. Nothing is kept
 * here and nothing is changed there.
 *
 * @throws MainstemError REMOTE_FAILED
 */
export async function checkRemote(
  { workspace, store, remote }: TransferOptions,
  references: References,
): Promise<RemoteCheck> {
  const findings: Finding[] = [];
  const inventory = await readInventory(store, remote, (error) => note(findings, error));
  findings.push(...incompletePacks(inventory.keys));
  const bytes = await checkFiles({ workspace, remote, inventory }, findings);
  findings.push(...findLost(inventory, references));
  return { keys: inventory.keys.size, bytes, findings };
}

/** Adds what an error says of a file on the remote; false for any other error. */
function note(findings: Finding[], { code, details, message }: MainstemError): boolean {
  if (code !== 'REMOTE_CORRUPT' && code !== 'REMOTE_MISSING') return false;
  findings.push({ code, key: String(details.key), message });
  return true;
}

interface Listed extends Pick<TransferOptions, 'workspace' | 'remote'> {
  readonly inventory: Inventory;
}

/**
 * Downloads and verifies every file, one at a time.
 *
 * @param findings to which what is wrong is added
 * @returns how many bytes were verified
 */
async function checkFiles(
  { workspace: { reporter, signal }, remote, inventory }: Listed,
  findings: Finding[],
): Promise<number> {
  const keys = [...inventory.keys]
    .filter((key) => /^(?:objects|records)\/|\.pack$/.test(key))
    .sort();
  const counts = new Map(inventory.packs.map(({ name, index }) => [packKey(name), index.count]));
  const progress = reporter.progress('Checking', keys.length, 'files');
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-check-'));
  const path = join(folder, 'file');
  let bytes = 0;
  try {
    for (const [done, key] of keys.entries()) {
      signal.throwIfAborted();
      try {
        const message = await findProblem(remote, key, path, counts.get(key));
        if (message) findings.push({ code: 'REMOTE_CORRUPT', key, message: `${key} ${message}` });
        bytes += (await stat(path)).size;
      } catch (error) {
        if (!isMainstemError(error) || !note(findings, error)) throw error;
      }
      progress.update(done + 1);
    }
  } finally {
    progress.end();
    await rm(folder, { recursive: true, force: true });
  }
  return bytes;
}

/** What is wrong with a file that was downloaded twice: it may have been damaged on the way. */
async function findProblem(
  remote: Remote,
  key: string,
  path: string,
  count: number | undefined,
): Promise<string | undefined> {
  const look = async () => {
    await rm(path, { force: true });
    await againIfDamaged(() => remote.download(key, path));
    return problemOf(path, key, count);
  };
  return (await look()) && (await look());
}

/** What is referenced and not there. */
function findLost(inventory: Inventory, { blobs, records }: References): Finding[] {
  const lost = [...blobs].filter(([digest]) => !inventory.has(digest));
  const unknown = [...records].filter(([key]) => !inventory.keys.has(recordKey(key)));
  return [
    ...lost.map(([digest, by]) => missing(digest, by)),
    ...unknown.map(([key, by]) => missing(key, `stage record of ${by}`)),
  ];
}

function missing(digest: Digest, by: string): Finding {
  return { code: 'REMOTE_MISSING', key: digest, message: `${digest} is missing (${by}).` };
}

function incompletePacks(keys: ReadonlySet<string>): Finding[] {
  return lostIndexes(keys).map(({ index, pack }) => {
    const message = `${pack} is missing, but its index ${index} is there.`;
    return { code: 'REMOTE_MISSING', key: pack, message };
  });
}

async function problemOf(
  path: string,
  key: string,
  count: number | undefined,
): Promise<string | undefined> {
  if (key.endsWith('.pack')) return packProblem(await readFile(path), count);
  return key.startsWith('records/') ? recordProblem(path, key) : objectProblem(path, key);
}

function packProblem(content: Uint8Array, count: number | undefined): string | undefined {
  const { entries, damaged, tail } = scanPack(content);
  if (damaged[0]) return `is damaged: ${damaged[0].digest} holds ${damaged[0].found}.`;
  if (tail > 0) return `is damaged: its last ${tail} bytes are not a whole blob.`;
  if (count !== undefined && entries.length !== count)
    return `is damaged: it holds ${entries.length} blobs instead of ${count}.`;
  return undefined;
}

async function objectProblem(path: string, key: string): Promise<string | undefined> {
  const found = await digestLarge(path);
  const expected = `sha256:${key.slice('objects/'.length)}`;
  return found === expected ? undefined : `is damaged: it holds ${found}.`;
}

async function recordProblem(path: string, key: string): Promise<string | undefined> {
  const hex = /^[0-9a-f]{64}$/.exec(basename(key, '.json'))?.[0];
  if (!hex) return 'is not a stage record: no key has this name.';
  const digest: Digest = `sha256:${hex}`;
  const record = decodeIntactRecord(await readFile(path, 'utf8'), digest, key);
  return record ? undefined : 'is damaged: it is not the stage record that it was written as.';
}
