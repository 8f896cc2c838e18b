import type { KeyObject } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { readJson, writeJson } from '../../platform/lib/json-file.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { readText } from '../../platform/lib/read-text.ts';
import { temporaryIn } from '../../platform/lib/temporary.ts';
import {
  readServed,
  type ServedDocument,
  sequenceOf,
  servedPrefix,
} from '../../platform/registry/index.ts';
import { interruptible, type Remote } from '../../platform/storage/remotes/index.ts';
import type { Origin } from './origin.ts';

/** Documents of a branch in a remote. */
export interface RemoteOriginOptions {
  readonly remote: Remote;
  readonly branch: string;
  readonly publicKey: KeyObject;
  /** Where it is kept which document was read last. */
  readonly folder: string;
  /** Seconds that a look may take. */
  readonly seconds: number;
}

/** Far more than the pointers and records of a thousand models. */
const mostBytes = 256 * 1024 * 1024;
/** Documents that somebody else may have written above the last one that counts. */
const mostForeign = 20;
const Seen = Type.Object({ version: Type.Literal(1), sequence: Type.Integer({ minimum: 0 }) });

/**
 * Opens the documents that `mainstem publish` writes into a remote. Of those that the key signed, the one with the greatest
 * number counts, and never one before what was read already: what was served once cannot be played again.
 */
export async function openRemoteOrigin(options: RemoteOriginOptions): Promise<Origin> {
  const { remote, branch, folder, seconds } = options;
  const seenFile = join(folder, 'seen.json');
  const kept = await readJson(seenFile, Seen).catch(() => ({ sequence: 0 }));
  let last = { sequence: kept.sequence, commit: '' };
  const { address } = remote;
  return {
    ...{ address, branch },
    async look(known, stop) {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(seconds * 1000)]);
      const reader = { ...options, remote: interruptible(remote, signal) };
      try {
        // The one that was read last is read again where it was not taken up: after a restart, or on a full disk.
        const isTaken = known !== null && known === last.commit;
        const document = await findNewest(reader, last.sequence + Number(isTaken));
        if (!document) return isTaken ? null : nothingYet(options);
        const { sequence, commit } = document;
        await writeJson(seenFile, { version: 1, sequence });
        last = { sequence, commit };
        return commit === known ? null : document;
      } catch (error) {
        stop.throwIfAborted();
        if (!signal.aborted) throw error;
        const reason = `it did not answer within ${seconds} s`;
        throw new MainstemError('FOLLOW_UNREACHABLE', { address, branch, reason });
      }
    },
  };
}

function nothingYet({ remote: { address }, branch }: RemoteOriginOptions): never {
  throw new MainstemError('FOLLOW_UNPUBLISHED', { address, branch });
}

/** The newest document that the key signed, from a number on. @throws MainstemError FOLLOW_UNSIGNED if newer ones are all foreign */
async function findNewest(
  options: RemoteOriginOptions,
  from: number,
): Promise<ServedDocument | null> {
  const { remote, branch } = options;
  const found = (await remote.list(servedPrefix(branch))).flatMap((key) => {
    const sequence = sequenceOf(branch, key);
    return sequence !== null && sequence >= from ? [{ key, sequence }] : [];
  });
  const newest = found.sort((a, b) => b.sequence - a.sequence).slice(0, mostForeign);
  let flaw: MainstemError | null = null;
  for (const { key, sequence } of newest)
    try {
      return await readDocument(options, key, sequence);
    } catch (error) {
      if (!isMainstemError(error) || error.code.startsWith('REMOTE_')) throw error;
      flaw ??= error;
    }
  if (flaw) throw flaw;
  return null;
}

async function readDocument(
  { remote, branch, publicKey, folder }: RemoteOriginOptions,
  key: string,
  sequence: number,
): Promise<ServedDocument> {
  await makeFolder(folder);
  const file = temporaryIn(folder);
  try {
    await remote.download(key, file);
    const { size } = await stat(file);
    if (size > mostBytes)
      throw new MainstemError('FOLLOW_UNSIGNED', { key, reason: `it has ${size} bytes` });
    return readServed(await readText(file, key), { key, branch, sequence, publicKey });
  } finally {
    await rm(file, { force: true });
  }
}
