import { spawn } from 'node:child_process';
import { endGroup } from '../../../platform/lib/end-group.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';

/** A program that a backend is installed with. */
export interface Tool {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Stops it. */
  readonly signal: AbortSignal;
}

/** How a program ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of what a program prints only the end is kept. */
const mostText = 64 * 1024;

/**
 * Runs a program to its end. What it has started itself ends with it: a signal goes to all of its group.
 *
 * @throws NodeJS.ErrnoException ENOENT if there is no such program; the reason of the signal
 */
export async function runTool(tool: Tool): Promise<Outcome> {
  const { program, args, cwd, environment = process.env, signal } = tool;
  signal.throwIfAborted();
  const child = spawn(program, args, {
    ...{ cwd, env: environment, detached: true },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (text: Buffer) => {
      texts[stream] = (texts[stream] + text.toString()).slice(-mostText);
    });
  }
  const stop = () => endGroup(child);
  signal.addEventListener('abort', stop);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    child.on('error', reject);
    child.on('close', resolve);
    const code = await promise;
    signal.throwIfAborted();
    return { code, ...texts };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** As {@link runTool}, for one that has to succeed. @throws MainstemError BACKEND_INSTALL_FAILED */
export async function runToEnd(name: string, what: string, tool: Tool): Promise<Outcome> {
  const outcome = await runTool(tool);
  if (outcome.code === 0) return outcome;
  const reason = `${what} failed: ${summarise(outcome)}`;
  throw new MainstemError('BACKEND_INSTALL_FAILED', { name, reason });
}

const noNetwork =
  /NewConnectionError|ConnectionError|ProxyError|Name or service not known|name resolution|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ConnectTimeout|ReadTimeout|SSLError/;

/** What went wrong, from what a program printed. */
export function summarise({ code, stdout, stderr }: Outcome): string {
  const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
  const network = lines.find((line) => noNetwork.test(line));
  if (network !== undefined)
    return `the network or the package registry cannot be reached (${network.slice(0, 200)})`;
  const wanted = lines.findLast((line) => /error/i.test(line)) ?? lines.findLast(Boolean);
  return wanted?.slice(0, 300) ?? `it ended with ${code} and said nothing`;
}
