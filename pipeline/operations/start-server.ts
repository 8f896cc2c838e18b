import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorCode } from '../../platform/lib/error-codes.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { serverFlags, serverMemory } from '../../platform/lib/server-flags.ts';
import { assertCheckedOut } from '../../platform/lib/sparse-checkout.ts';
import type { Workspace } from '../../platform/schemas/index.ts';

/** Where the server listens, and which model it serves by default. */
export interface ServeOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Where gRPC listens; left out: as `GRPC_PORT` says, or nowhere. */
  readonly grpcPort?: number | undefined;
  /** The model behind `/predict` and the page; left out: the first by name. */
  readonly model?: string | undefined;
}

/** A server that answers requests. */
export interface RunningServer {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where gRPC listens, for example `127.0.0.1:8081`; null if it does not. */
  readonly grpc: string | null;
  /** Lets requests in progress finish, then ends the server. */
  stop(): Promise<void>;
  /** The exit code, once it has ended. */
  readonly closed: Promise<number>;
}

/**
 * Starts `serving/server.ts` as a child process and waits until it answers. The workspace's signal stops it;
 * so does the end of this process.
 *
 * @throws MainstemError GIT_SPARSE, CODE_UNLOADABLE, PORT_TAKEN, SERVING_*, STORE_*: the error that the server reported; the signal's
 *   reason
 */
export async function startServer(
  workspace: Workspace,
  { port, grpcPort, host, model }: ServeOptions,
): Promise<RunningServer> {
  const { root, signal } = workspace;
  assertCheckedOut(root, 'serving');
  // Node would end it with a stack.
  if (!existsSync(serverFile))
    throw new MainstemError('CODE_UNLOADABLE', {
      reason: `${relative(root, serverFile)} is not there`,
    });
  const named = [
    ...(model ? ['--model', model] : []),
    ...(grpcPort === undefined ? [] : ['--grpc-port', String(grpcPort)]),
  ];
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
      env: { LOG_LEVEL: 'warn', ...memoryOf(process.env), ...process.env },
    },
  );
  const ended: Promise<Ended> = once(child, 'exit').then(([code, by]) => ({ code, by }));
  const closed = ended.then(({ code }) => Number(code ?? 3));
  const stop = async () => {
    child.kill('SIGTERM');
    await closed;
  };
  const stopOnSignal = () => void stop();
  signal.addEventListener('abort', stopOnSignal, { once: true });
  const addresses = await firstMessage(child, ended, signal);
  return { ...addresses, stop, closed };
}

/** Only where models are loaded and unloaded all the time. */
function memoryOf({ MAINSTEM_MODELS_MEMORY: bound = '0' }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Number(bound) > 0 ? serverMemory : {};
}

const serverFile = join(import.meta.dirname, '../../serving/server.ts');

/** Where the server listens. */
type Addresses = Pick<RunningServer, 'url' | 'grpc'>;

/** The first message that the server sends to its parent. */
type ServerMessage =
  | Addresses
  | { readonly error: { readonly code: ErrorCode; readonly details: Record<string, unknown> } };

/** How a process ended: with a code, or by a signal. */
type Ended = { readonly code: number | null; readonly by: NodeJS.Signals | null };

async function firstMessage(
  child: ChildProcess,
  ended: Promise<Ended>,
  signal: AbortSignal,
): Promise<Addresses> {
  const message = await Promise.race([
    once(child, 'message').then(([first]): ServerMessage => first),
    ended,
  ]);
  if ('url' in message) return message;
  const { code, by } = await ended;
  // A terminal sends its Ctrl-C to both: the server is no fault then.
  await delay(0);
  signal.throwIfAborted();
  if ('error' in message) throw MainstemError.again(message.error.code, message.error.details);
  const reason = by === null ? `exit code ${code}` : `it was ended by ${by}`;
  throw new MainstemError('SERVING_FAILED', { reason });
}
