import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { collectOutput } from '../../platform/lib/collect-output.ts';
import { endGroup } from '../../platform/lib/end-group.ts';

/** One call of git, which ends however the other side behaves. */
export interface GitCall {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** What it may write into one file, and say. @default 256 MiB */
  readonly mostBytes?: number;
}

/** How it ended. */
export interface GitEnd {
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Null where a signal ended it. */
  readonly code: number | null;
  /** Why it was ended from here, or by the system; null if it ended by itself. */
  readonly limit: 'time' | 'size' | null;
}

/** The pointers and records of a commit are far below it, also for a thousand models. */
const enoughBytes = 256 * 1024 * 1024;
/** The unit of `ulimit -f`. */
const blockBytes = 512;
/** What a shell ends with where a program is not found. */
const notFound = 127;

/**
 * Runs git in a session of its own: nothing that it starts (ssh, a helper) can ask on a terminal, and all of it ends with it.
 *
 * @throws the signal's reason once that aborts
 */
export async function runBoundedGit(call: GitCall): Promise<GitEnd> {
  call.signal.throwIfAborted();
  const { mostBytes = enoughBytes } = call;
  // The system ends what writes a larger file, so that no branch fills the disk.
  const script = `ulimit -f ${mostBytes / blockBytes} && exec git "$@"`;
  const child = spawn('/bin/sh', ['-c', script, 'git', ...call.args], {
    ...{ cwd: call.cwd, env: call.env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
  });
  let limit: GitEnd['limit'] = null;
  const end = (reason: GitEnd['limit']) => {
    limit ??= reason;
    endGroup(child);
  };
  const stop = () => end(null);
  call.signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(end, call.seconds * 1000, 'time');
  const stdout = collectOutput(child.stdout, () => end('size'), mostBytes);
  const stderr = collectOutput(child.stderr, () => end('size'), mostBytes);
  // It may have ended before it has read all.
  child.stdin.on('error', () => {});
  child.stdin.end(call.input ?? '');
  try {
    const [code, by] = await once(child, 'close');
    call.signal.throwIfAborted();
    if (by === 'SIGXFSZ') limit = 'size';
    return { stdout: stdout.bytes(), stderr: stderr.text(), code, limit };
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener('abort', stop);
  }
}

/** Whether there is no git to run. */
export const isMissing = ({ code }: GitEnd): boolean => code === notFound;
