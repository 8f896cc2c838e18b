import { link, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestBytes } from './hash.ts';
import { makeFolder } from './make-folder.ts';
import { ownMark, stateOf } from './process-mark.ts';
import { readFile } from './read-text.ts';
import type { Reporter } from './reporter.ts';
import { temporaryBeside } from './temporary.ts';
import { writeFile } from './write-file.ts';

const pollMs = 100;
const heartbeatMs = 5_000;

/** How long a holder that cannot be looked at may be silent. */
interface Patience {
  /** One that has not refreshed the file for this long is considered dead, … */
  readonly silenceMs: number;
  /** … but only after it has been watched for this long: clocks of two machines differ, and machines sleep. */
  readonly watchMs: number;
}
const patienceByDefault: Patience = { silenceMs: 120_000, watchMs: 15_000 };

/** Who waits for a turn in a repository: hears what for, and stops waiting when the signal says so. */
export interface Waiter {
  readonly root: string;
  readonly reporter?: Pick<Reporter, 'info'>;
  readonly signal?: AbortSignal;
}

/** A turn to wait for. */
export interface Turn {
  /** Of the lock file; missing folders are created. */
  readonly path: string;
  /** What is reported to somebody who has to wait. */
  readonly waiting: string;
  readonly reporter?: Pick<Reporter, 'info'>;
  readonly signal?: AbortSignal;
  /** Works without a turn where no lock file can be written (a folder that may only be read, a full disk). */
  readonly optional?: boolean;
  /** @default two minutes, or 15 seconds if the file is older than that */
  readonly patience?: Patience;
}

/**
 * The lock file of a turn in a repository.
 *
 * @example turnPath(root, 'data', 'pumpkins') // '…/.mainstem/locks/data-pumpkins.json'
 */
export function turnPath(root: string, ...names: readonly string[]): string {
  const whole = names.map((part) => encodeURIComponent(part)).join('-');
  // A file name may have 255 bytes.
  const name =
    whole.length > 100 ? `${whole.slice(0, 80)}-${digestBytes(whole).slice(-16)}` : whole;
  return join(root, '.mainstem', 'locks', `${name}.json`);
}

/**
 * Runs `work` while nobody else has the same turn, on this machine or another that shares the folder. Waits until a
 * holder is done, or takes over if its process has ended. A turn must not be asked for again inside its own work.
 *
 * @throws whatever `work` throws; the signal's reason if aborted while waiting
 * @example await withTurn({ path: turnPath(root, 'repository'), waiting: 'Another commit is being made.' }, commit)
 */
export async function withTurn<Result>(turn: Turn, work: () => Promise<Result>): Promise<Result> {
  const { path } = turn;
  const mine = JSON.stringify({ process: ownMark(), turn: ++turns });
  if (!(await take(turn, mine))) return work();
  const heartbeat = setInterval(() => void touch(path), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await release(path, mine);
  }
}

/** Waits for a turn; false if it is optional and cannot be taken here. */
async function take(turn: Turn, mine: string): Promise<boolean> {
  const { path, waiting, reporter, signal, optional = false } = turn;
  const watch = createWatch(path, turn.patience ?? patienceByDefault);
  try {
    await makeFolder(dirname(path));
    for (let waited = false; !(await claim(path, mine)); waited = true) {
      if (await watch.takeOver()) continue;
      if (!waited) reporter?.info(waiting);
      await sleep(pollMs);
      signal?.throwIfAborted();
    }
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    if (optional && error instanceof Error && 'syscall' in error) return false;
    throw error;
  }
}

/** Removes the lock file of a process that has ended. @returns whether it did */
export async function releaseEnded(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  return holder !== null && stateOf(markOf(holder)) === 'ended' && takeAway(path, holder);
}

/** Tells two turns of one process apart. */
let turns = 0;

/** Creates the lock file with its content in one step, or returns false if it exists. */
async function claim(path: string, mine: string): Promise<boolean> {
  const temporary = temporaryBeside(path);
  try {
    await writeFile(temporary, mine);
    await link(temporary, path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EEXIST') return false;
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return claimPlain(path, mine);
    throw error;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Where a file system has no hard links; for a moment the file is empty then, which counts as an unknown holder. */
async function claimPlain(path: string, mine: string): Promise<boolean> {
  try {
    await writeFile(path, mine, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Watches the holder of a turn while waiting for it. */
function createWatch(path: string, { silenceMs, watchMs }: Patience) {
  let seen = '';
  let since = 0;
  return {
    /** Whether the lock file is gone, or was removed because its process has ended. */
    async takeOver(): Promise<boolean> {
      const holder = await readHolder(path);
      if (holder === null) return true;
      const state = stateOf(markOf(holder));
      if (state === 'running') return false;
      if (state === 'ended') return takeAway(path, holder);
      const beat = await lastBeat(path);
      if (`${holder} ${beat}` !== seen) {
        seen = `${holder} ${beat}`;
        since = performance.now();
      }
      const watched = performance.now() - since;
      const silent = Date.now() - beat > silenceMs ? watched > watchMs : watched > silenceMs;
      return silent && takeAway(path, holder);
    },
  };
}

function readHolder(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/** '' for a file that was damaged, or was written by an earlier version. */
function markOf(holder: string): string {
  try {
    const { process: mark }: { process?: unknown } = JSON.parse(holder);
    return typeof mark === 'string' ? mark : '';
  } catch {
    return '';
  }
}

async function lastBeat(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Rename, then check: of two processes that saw the same holder, the second may have renamed a new lock file. */
async function takeAway(path: string, holder: string): Promise<boolean> {
  const aside = temporaryBeside(path);
  await rename(path, aside).catch(() => undefined);
  const caught = await readHolder(aside);
  if (caught !== null && caught !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return caught !== null;
}

/** Leaves the file of another process that took over because this one was silent for too long. */
async function release(path: string, mine: string): Promise<void> {
  const holder = await readHolder(path).catch(() => null);
  if (holder === mine) await rm(path, { force: true });
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
