import type { KeyObject } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { ErrorCode } from '../../lib/error-codes.ts';
import { isMainstemError, type MainstemError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { readBytes } from '../../lib/read-text.ts';
import { temporaryIn } from '../../lib/temporary.ts';
import { readServed, type ServedDocument, sequenceOf, servedPrefix } from '../../registry/index.ts';
import type { Remote } from './remote.ts';

/** Which documents are looked for, and where. */
export interface ServedPlace {
  readonly remote: Remote;
  readonly branch: string;
  readonly publicKey: KeyObject;
  /** Where one lies while it is read. */
  readonly folder: string;
}

/** Pointers and records of a thousand models, at some 15 kB each; whose they are takes 30 ms to find out, while nobody is answered. */
const mostBytes = 16 * 1024 * 1024;
const remoteFails: ReadonlySet<ErrorCode> = new Set(['REMOTE_FAILED', 'REMOTE_CREDENTIALS']);
/** Documents that somebody else may have written above the last one that counts. */
const mostForeign = 20;

/**
 * Reads the document of a branch with the greatest number among those that the key signed; null where there is none.
 *
 * @param from the least number that counts
 * @throws MainstemError FOLLOW_UNSIGNED or JSON_INVALID if there are some, but none of the newest is the key's; REMOTE_FAILED
 */
export async function findNewestServed(
  place: ServedPlace,
  from = 0,
): Promise<ServedDocument | null> {
  const { remote, branch } = place;
  const found = (await remote.list(servedPrefix(branch))).flatMap((key) => {
    const sequence = sequenceOf(branch, key);
    return sequence !== null && sequence >= from ? [{ key, sequence }] : [];
  });
  const newest = found.sort((a, b) => b.sequence - a.sequence).slice(0, mostForeign);
  let flaw: MainstemError | null = null;
  for (const { key, sequence } of newest)
    try {
      return await readDocument(place, key, sequence);
    } catch (error) {
      // One that is damaged, or far too long, is as good as one that somebody else wrote.
      if (!isMainstemError(error) || remoteFails.has(error.code)) throw error;
      flaw ??= error;
    }
  if (flaw) throw flaw;
  return null;
}

async function readDocument(
  { remote, branch, publicKey, folder }: ServedPlace,
  key: string,
  sequence: number,
): Promise<ServedDocument> {
  await makeFolder(folder);
  const file = temporaryIn(folder);
  try {
    await remote.download(key, file, mostBytes);
    return readServed(await readBytes(file), { key, branch, sequence, publicKey });
  } finally {
    await rm(file, { force: true });
  }
}
