import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Workspace } from '../../platform/schemas/index.ts';

const pollMs = 100;
const heartbeatMs = 5_000;
/** A holder on another machine that has not refreshed the file for this long is considered dead. */
const silenceMs = 120_000;

/**
 * Runs `work` while holding a lock file. Waits until another holder is done, or takes over if its process is gone. Two
 * processes that want the same result thus do the work once.
 *
 * @param path of the lock file; missing folders are created.
 * @throws whatever `work` throws; the signal's reason if aborted while waiting
 */
export async function withLockFile<Result>(
  { reporter, signal }: Workspace,
  path: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), token: token() });
  await mkdir(dirname(path), { recursive: true });
  for (let waited = false; !(await claim(path, mine)); waited = true) {
    if (await abandoned(path)) continue;
    if (!waited) reporter.info('Another process is doing the same work; waiting for its result.');
    await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  const heartbeat = setInterval(() => void touch(path), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

/** Creates the lock file with its content in one step, or returns false if it exists. */
async function claim(path: string, mine: string): Promise<boolean> {
  const temporary = `${path}.${token()}.tmp`;
  await writeFile(temporary, mine);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Whether the lock was left by a process that is gone; if so, it is removed. */
async function abandoned(path: string): Promise<boolean> {
  const holder = await readFile(path, 'utf8').catch(() => null);
  if (holder === null) return true;
  if (await alive(path, holder)) return false;
  // Rename, then check: of two processes that saw the dead holder, the second may have renamed a new lock.
  const aside = `${path}.${token()}.tmp`;
  await rename(path, aside).catch(() => undefined);
  const caught = await readFile(aside, 'utf8').catch(() => null);
  if (caught !== null && caught !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return true;
}

async function alive(path: string, holder: string): Promise<boolean> {
  const { pid, host }: { pid?: unknown; host?: unknown } = JSON.parse(holder);
  if (host === hostname() && typeof pid === 'number') return processRuns(pid);
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs < silenceMs;
}

function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

function token(): string {
  return randomBytes(6).toString('hex');
}
