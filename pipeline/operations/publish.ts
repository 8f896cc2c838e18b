import { createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import { parseVersioned } from '../../platform/lib/parse-versioned.ts';
import { readText } from '../../platform/lib/read-text.ts';
import { temporaryIn } from '../../platform/lib/temporary.ts';
import {
  parsePrivateKey,
  type ServedDocument,
  type ServedFiles,
  sequenceOf,
  servedFilesAt,
  servedKey,
  servedPrefix,
  signServed,
} from '../../platform/registry/index.ts';
import { ModelPointer } from '../../platform/schemas/index.ts';
import {
  findNewestServed,
  push,
  type Remote,
  type TransferOptions,
} from '../../platform/storage/index.ts';

/** What is published. */
export interface PublishOptions {
  readonly transfer: TransferOptions;
  /** Where documents are, if it is not the remote of the networks. */
  readonly documents?: Remote | undefined;
  /** The branch under whose name servers find it. */
  readonly branch: string;
  readonly revision: string;
  /** Ed25519, in PEM. */
  readonly privateKey: string;
  readonly now: () => Date;
}

/** What was published. */
export interface Published {
  readonly commit: string;
  readonly key: string;
  /** The number in it. */
  readonly sequence: number;
  readonly models: readonly string[];
}

/** Documents that stay, for servers that look at this moment. */
const kept = 5;
/** So far ahead a clock may have been; what stands above it, somebody wrote who must not use up the numbers. */
const farAhead = 365 * 24 * 3_600_000;
/** So often somebody else may publish in the same millisecond. */
const mostTries = 3;

/**
 * Says in a remote what a commit serves: first the networks, then the signed pointers and records, so that who reads them finds all
 * that they name. Whatever was published of the branch before is replaced from then on.
 *
 * @throws MainstemError FOLLOW_REFUSED, FOLLOW_KEY_INVALID, STORE_MISSING, REMOTE_FAILED
 */
export async function publish(options: PublishOptions): Promise<Published> {
  const { transfer, revision } = options;
  const privateKey = parsePrivateKey(options.privateKey);
  const served = await servedFilesAt(transfer.workspace.root, revision);
  const pointers = pointersOf(served);
  await pushNetworks(transfer, pointers);
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-publish-'));
  try {
    const sequence = await writeDocument(options, { served, privateKey, folder });
    const key = servedKey(options.branch, sequence);
    const models = [...new Set(pointers.map(({ model }) => model))].sort();
    return { commit: served.commit, key, sequence, models };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What was published last with a key; null where nothing was. */
export async function readPublished(
  options: Pick<PublishOptions, 'transfer' | 'documents' | 'branch' | 'privateKey'>,
): Promise<ServedDocument | null> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-published-'));
  try {
    return await findOwn({ ...options, privateKey: parsePrivateKey(options.privateKey) }, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Place = Pick<PublishOptions, 'transfer' | 'documents' | 'branch'>;

async function findOwn(
  { transfer, documents, branch, privateKey }: Place & { readonly privateKey: KeyObject },
  folder: string,
): Promise<ServedDocument | null> {
  const remote = documents ?? transfer.remote;
  const publicKey = createPublicKey(privateKey);
  return findNewestServed({ remote, branch, publicKey, folder }).catch((error: unknown) => {
    if (!isMainstemError(error) || error.code.startsWith('REMOTE_')) throw error;
    // Servers say so, too: the next document stands above it.
    const { reporter } = transfer.workspace;
    reporter.warn(`What is published of ${branch} was signed by another key: ${error.message}`);
    return null;
  });
}

interface Content {
  readonly served: ServedFiles;
  readonly privateKey: KeyObject;
  /** For files on their way. */
  readonly folder: string;
}

/** @returns its number */
async function writeDocument(options: PublishOptions, content: Content): Promise<number> {
  const { transfer, branch, now } = options;
  const remote = options.documents ?? transfer.remote;
  const { served, privateKey, folder } = content;
  for (let tries = 1; ; tries++) {
    const before = await findOwn({ ...options, privateKey }, folder);
    const keys = await remote.list(servedPrefix(branch));
    const sequences = keys.flatMap((key) => sequenceOf(branch, key) ?? []).sort((a, b) => a - b);
    const believed = sequences.filter((sequence) => sequence <= now().getTime() + farAhead);
    // A clock that is behind must not publish what nobody reads.
    const last = Math.max(before?.sequence ?? 0, believed.at(-1) ?? 0);
    const sequence = Math.max(now().getTime(), last + 1);
    const key = servedKey(branch, sequence);
    const text = signServed({ ...served, branch, sequence }, privateKey);
    if (await upload(remote, { key, text, folder })) {
      const older = sequences.filter((one) => one < sequence);
      // Registries that delete nothing keep them; none of them counts.
      for (const old of older.slice(0, -(kept - 1)))
        await remote.remove(servedKey(branch, old)).catch(() => undefined);
      return sequence;
    }
    const reason = `keeps another document under ${key}: others publish at the same time`;
    if (tries === mostTries)
      throw new MainstemError('REMOTE_FAILED', { address: remote.address, key, reason });
  }
}

/** All pointers, of which each must be readable. @throws MainstemError JSON_INVALID, MODEL_RECORD_MISSING */
function pointersOf({ files }: ServedFiles): ModelPointer[] {
  return [...files].flatMap(([path, bytes]) => {
    const [, model = '', folder] = path.split('/');
    if (folder === 'records') return [];
    const pointer = parseVersioned(Buffer.from(bytes).toString(), ModelPointer, path);
    const record = `models/${model}/records/${pointer.run}.json`;
    if (files.has(record)) return [pointer];
    const details = { model, run: pointer.run, path: record };
    throw new MainstemError('MODEL_RECORD_MISSING', details);
  });
}

async function pushNetworks(
  transfer: TransferOptions,
  pointers: readonly ModelPointer[],
): Promise<void> {
  const blobs = new Map<Digest, string>(
    pointers.map(({ onnx, model, run }) => [onnx, `the ONNX file of ${model} ${run}`]),
  );
  const { missing } = await push(transfer, { blobs, records: new Map() });
  for (const { digest, by } of missing)
    throw new MainstemError('STORE_MISSING', { digest, what: `, ${by}` });
}

/** @returns false if somebody else has written this key meanwhile: a remote may keep what came first */
async function upload(
  remote: Remote,
  { key, text, folder }: { readonly key: string; readonly text: string; readonly folder: string },
): Promise<boolean> {
  const [file, back] = [temporaryIn(folder), temporaryIn(folder)];
  await writeFile(file, text);
  await remote.upload(key, file);
  await remote.download(key, back);
  return (await readText(back, key)) === text;
}
