import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import { parseVersioned } from '../../platform/lib/parse-versioned.ts';
import {
  parsePrivateKey,
  type ServedFiles,
  sequenceOf,
  servedFilesAt,
  servedKey,
  servedPrefix,
  signServed,
} from '../../platform/registry/index.ts';
import { ModelPointer } from '../../platform/schemas/index.ts';
import { push, type TransferOptions } from '../../platform/storage/index.ts';

/** What is published. */
export interface PublishOptions {
  readonly transfer: TransferOptions;
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
  readonly models: readonly string[];
}

/** Documents that stay, for servers that look at this moment. */
const kept = 5;

/**
 * Says in a remote what a commit serves: first the networks, then the signed pointers and records, so that who reads them finds all
 * that they name. Whatever was published of the branch before is replaced from then on.
 *
 * @throws MainstemError FOLLOW_REFUSED, FOLLOW_KEY_INVALID, STORE_MISSING, REMOTE_FAILED
 */
export async function publish(options: PublishOptions): Promise<Published> {
  const { transfer, branch, revision, now } = options;
  const privateKey = parsePrivateKey(options.privateKey);
  const served = await servedFilesAt(transfer.workspace.root, revision);
  const pointers = pointersOf(served);
  await pushNetworks(transfer, pointers);
  const { remote } = transfer;
  const keys = await remote.list(servedPrefix(branch));
  const sequences = keys.flatMap((key) => sequenceOf(branch, key) ?? []).sort((a, b) => a - b);
  // A clock that is behind must not publish what nobody reads.
  const sequence = Math.max(now().getTime(), (sequences.at(-1) ?? 0) + 1);
  const key = servedKey(branch, sequence);
  await upload(transfer, key, signServed({ ...served, branch, sequence }, privateKey));
  // Registries that delete nothing keep them; none of them counts.
  for (const old of sequences.slice(0, -(kept - 1)))
    await remote.remove(servedKey(branch, old)).catch(() => undefined);
  const models = [...new Set(pointers.map(({ model }) => model))].sort();
  return { commit: served.commit, key, models };
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

async function upload({ remote }: TransferOptions, key: string, text: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-publish-'));
  try {
    const file = join(folder, 'document');
    await writeFile(file, text);
    await remote.upload(key, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
