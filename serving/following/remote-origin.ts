import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { Type } from 'typebox';
import { MainstemError } from '../../platform/lib/errors.ts';
import { readJson, writeJson } from '../../platform/lib/json-file.ts';
import {
  findNewestServed,
  interruptible,
  type Remote,
} from '../../platform/storage/remotes/index.ts';
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
        const document = await findNewestServed(reader, last.sequence + Number(isTaken));
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
