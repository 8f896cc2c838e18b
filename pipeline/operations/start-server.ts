import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ErrorCode } from '../../platform/lib/error-codes.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { serverFlags } from '../../platform/lib/server-flags.ts';
import type { Workspace } from '../../platform/schemas/index.ts';

/** Where the server listens, and which model it serves by default. */
export interface ServeOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** The model behind `/predict` and the page; left out: the first by name. */
  readonly model?: string | undefined;
}

/** A server that answers requests. */
export interface RunningServer {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Lets requests in progress finish, then ends the server. */
  stop(): Promise<void>;
  /** The exit code, once it has ended. */
  readonly closed: Promise<number>;
}

/**
 * Starts `serving/server.ts` as a child process and waits until it answers. The workspace's signal stops it;
 * so does the end of this process.
 *
 * @throws MainstemError PORT_TAKEN, SERVING_*, STORE_*: the error that the server reported
 */
export async function startServer(
  workspace: Workspace,
  { port, host, model }: ServeOptions,
): Promise<RunningServer> {
  const { root, signal } = workspace;
  const named = model ? ['--model', model] : [];
  const child = spawn(
    process.execPath,
    // What this process was started with (preloaded bundles) makes the server start faster, too.
    [
      ...process.execArgv,
      ...serverFlags,
      serverFile,
      ...['--root', root, '--port', String(port), '--host', host],
      ...named,
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { LOG_LEVEL: 'warn', ...process.env },
    },
  );
  const closed = once(child, 'exit').then(([code]) => Number(code ?? 3));
  const stop = async () => {
    child.kill('SIGTERM');
    await closed;
  };
  const stopOnSignal = () => void stop();
  signal.addEventListener('abort', stopOnSignal, { once: true });
  const url = await firstMessage(child, closed);
  return { url, stop, closed };
}

const serverFile = join(import.meta.dirname, '../../serving/server.ts');

/** The first message that the server sends to its parent. */
type ServerMessage =
  | { readonly url: string }
  | { readonly error: { readonly code: ErrorCode; readonly details: Record<string, unknown> } };

async function firstMessage(child: ChildProcess, closed: Promise<number>): Promise<string> {
  const message = await Promise.race([
    once(child, 'message').then(([first]: ServerMessage[]) => first),
    closed.then((code) => code),
  ]);
  if (typeof message === 'object' && 'url' in message) return message.url;
  await closed;
  if (typeof message === 'object')
    throw new MainstemError(message.error.code, message.error.details);
  throw new MainstemError('SERVING_FAILED', { reason: `exit code ${message ?? 'unknown'}` });
}
