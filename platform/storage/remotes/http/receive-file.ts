import { constants } from 'node:fs';
import { copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { namePath } from '../../../lib/files.ts';
import { type Awaited, whileMoving } from '../../../lib/silence.ts';
import { isFullDisk } from '../../store/object-folder.ts';
import { countSilences, type Patience, pauseOf } from './fetch-again.ts';
import { claimPartialFile } from './partial-files.ts';

/** Bytes from an offset on. A server that cannot start there starts at 0 and says so. */
export interface Content {
  readonly offset: number;
  /** Length of the whole, wherever this starts. */
  readonly total: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** What is received, and where it waits until it is whole. */
export interface Reception {
  /** Who sends it, for people. */
  readonly place: string;
  /** Folder for what has arrived so far. */
  readonly folder: string;
  /** Equal names have equal content. */
  readonly name: string;
  /** Called again after a break, with what is still lacking. */
  open(offset: number): Promise<Content>;
}

/**
 * Writes content to a file. After a break it goes on where it stopped, also in a later process.
 *
 * @param check looks at the whole before it gets its place; what it rejects is removed
 * @throws whatever `open` throws at once, {@link TooLong}, and the last break if nothing more arrives
 */
export async function receiveFile(
  { place, folder, name, open: openContent }: Reception,
  file: string,
  limits: Patience,
  check: (path: string) => Promise<void> = async () => {},
): Promise<void> {
  const partial = await claimPartialFile(folder, name);
  let furthest = await sizeOf(partial);
  let begunAnew = false;
  let isHopeless = countSilences();
  const awaited = { place, limitMs: limits.timeoutMs, say: limits.say };
  try {
    for (let attempt = 1; ; attempt++) {
      const content = await openContent(await sizeOf(partial));
      const failure = await append(partial, content, awaited).catch(asError);
      if (isFullDisk(failure)) throw namePath(failure, partial);
      const size = await sizeOf(partial);
      if (!failure && size === content.total) break;
      if (size > content.total) {
        await rm(partial, { force: true });
        // What was there before may have been of another content; a whole that is too long stays so.
        if (content.offset === 0 || begunAnew) throw new TooLong(content.total);
        begunAnew = true;
        furthest = 0;
      } else if (size > furthest) {
        // Only what never came before is progress: a server may send the same beginning forever.
        furthest = size;
        attempt = 1;
        isHopeless = countSilences();
      }
      if (isHopeless(failure) || attempt >= limits.tries)
        throw failure ?? new Error(`ended after ${size} of ${content.total} bytes`);
      await pause(pauseOf(attempt, limits));
    }
    await checkWhole(partial, check);
    await moveInto(partial, file);
  } finally {
    // What has arrived before a break is kept for a later process.
    if ((await sizeOf(partial)) === 0) await rm(partial, { force: true });
  }
}

/** More bytes came than the whole has. */
export class TooLong extends Error {
  constructor(total: number) {
    super(`sent more than the ${total} bytes that it states`);
    this.name = 'TooLong';
  }
}

async function checkWhole(path: string, check: (path: string) => Promise<void>): Promise<void> {
  try {
    await check(path);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/**
 * Where an answer begins by its `Content-Range`, which caches and gateways may choose otherwise than they were asked.
 *
 * @param assumed where there is no such header
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.4
 */
export function rangeStart(contentRange: string | null | undefined, assumed: number): number {
  const start = /^bytes (\d+)-/.exec(contentRange ?? '')?.[1];
  return start === undefined ? assumed : Number(start);
}

/** Nothing is read beyond the end: a server without one would fill the disk. */
async function append(
  path: string,
  { offset, total, body }: Content,
  awaited: Awaited,
): Promise<void> {
  if (offset > 0 && offset !== (await sizeOf(path))) {
    await rm(path, { force: true });
    throw new Error(`began at byte ${offset}, which is not where it was asked to go on`);
  }
  let size = offset;
  const file = await open(path, offset === 0 ? 'w' : 'a');
  try {
    for await (const bytes of whileMoving(body, awaited)) {
      await file.writeFile(bytes);
      size += bytes.length;
      if (size > total) return;
    }
  } finally {
    await file.close();
  }
}

async function moveInto(partial: string, file: string): Promise<void> {
  try {
    await rename(partial, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
    await copyFile(partial, file, constants.COPYFILE_EXCL);
    await rm(partial);
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
