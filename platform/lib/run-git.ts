import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { collectOutput } from './collect-output.ts';

/** How a git command ended. */
export interface GitOutcome {
  readonly stdout: string;
  readonly stderr: string;
  /** Null if it ended well; otherwise how it ended, such as `ended with 1`. */
  readonly failure: string | null;
  /** How it ended by itself; null where a signal ended it. */
  readonly code: number | null;
  /** Whether somebody asked it to stop: Ctrl-C in a terminal goes to git, too. */
  readonly interrupted?: boolean;
}

/** Where git runs, and with which environment. */
export interface GitPlace {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Commands that run hooks of the repository. */
const hooked = new Set(['add', 'commit', 'reset', 'update-ref', 'worktree', 'switch', 'checkout']);

/** How long the last words of a git that has ended are waited for, where something of a hook may hold its output open. */
const lastWordsMs = 250;

/**
 * Runs git, and returns how it ended.
 *
 * @param command the subcommand, which `args` begin with after options of git itself.
 * @throws NodeJS.ErrnoException if it cannot be started
 */
export async function runGit(
  command: string,
  args: readonly string[],
  place: GitPlace,
): Promise<GitOutcome> {
  return hooked.has(command) ? runWithHooks(args, place) : runToTheEnd(args, place);
}

const run = promisify(execFile);

interface Failed extends Error {
  readonly code?: unknown;
  readonly signal?: NodeJS.Signals | null;
  readonly stdout?: string;
  readonly stderr?: string;
}

async function runToTheEnd(args: readonly string[], place: GitPlace): Promise<GitOutcome> {
  try {
    const output = await run('git', args, { ...place, maxBuffer: 256 * 1024 * 1024 });
    return { ...output, failure: null, code: 0 };
  } catch (cause) {
    const { code, signal, stdout = '', stderr = '', message } = cause as Failed;
    const ended = typeof code === 'number' || signal;
    if (!ended && !stderr && String(code).startsWith('E') && !String(code).startsWith('ERR_'))
      throw cause;
    const failure = ended ? endingOf(code, signal) : message;
    const own = typeof code === 'number' ? code : null;
    return { stdout, stderr, failure, code: own, interrupted: wasInterrupted(code, signal) };
  }
}

/**
 * What a hook leaves running has git's output open, so that its end never comes: who waits for git alone goes on. These
 * commands print little.
 */
async function runWithHooks(args: readonly string[], place: GitPlace): Promise<GitOutcome> {
  const child = spawn('git', args, { ...place, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => child.kill('SIGKILL');
  const [stdout, stderr] = [collectOutput(child.stdout, stop), collectOutput(child.stderr, stop)];
  const closed = once(child, 'close');
  closed.catch(() => {});
  const [code, signal] = await once(child, 'exit');
  await Promise.race([closed, sleep(lastWordsMs)]);
  child.stdout.destroy();
  child.stderr.destroy();
  const failure = code === 0 ? null : endingOf(code, signal);
  const said = { stdout: stdout.text(), stderr: stderr.text() };
  return { ...said, failure, code, interrupted: wasInterrupted(code, signal) };
}

/** What asks a program to stop. */
const requests = new Set<unknown>(['SIGINT', 'SIGTERM', 'SIGHUP']);
/** The codes with which a shell around git says so; git itself ends with 129 where an option is wrong. */
const shellCodes = new Set<unknown>([130, 143]);

function wasInterrupted(code: unknown, signal: NodeJS.Signals | null | undefined): boolean {
  return requests.has(signal) || shellCodes.has(code);
}

function endingOf(code: unknown, signal: NodeJS.Signals | null | undefined): string {
  return signal ? `was ended by ${signal}` : `ended with ${String(code)}`;
}
