import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { ErrorCode } from '../../../platform/lib/error-codes.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { openWorkspace } from '../command.ts';
import { parsePort, parseText } from '../options.ts';

/** How to serve. */
export interface ServeOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** The model behind `/predict` and the page; left out: the first by name. */
  readonly model?: string | undefined;
}

/** A server that answers. */
export interface RunningServer {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Answers what has begun, then ends. */
  stop(): Promise<void>;
  /** The exit code, once it has ended. */
  readonly closed: Promise<number>;
}

/** `mainstem serve`: the promoted models, in a process of their own. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('answer predictions with the promoted models, and show the page')
    .option('--port <number>', 'where to listen; 0 takes any free port', parsePort, 8080)
    .option(
      '--host <address>',
      'which address to listen on; 0.0.0.0 for all',
      parseText,
      '127.0.0.1',
    )
    .option(
      '--model <name>',
      'model behind /predict and the page (default: the first by name)',
      parseText,
    )
    .addHelpText('after', '\nExample:\n  npx mainstem serve --port 9000 --model pumpkins')
    .action(async (options: ServeOptions) => {
      const workspace = openWorkspace();
      const server = await startServer(workspace, options);
      workspace.reporter.info(`Serving at ${server.url} (Ctrl-C ends it)`);
      process.exitCode = await server.closed;
    });
}

/**
 * Starts `serving/server.ts` as a child process and waits until it answers. The workspace's signal stops it;
 * so does the end of this process.
 *
 * @throws MainstemError PORT_TAKEN, SERVING_*, STORE_*: what the server said
 */
export async function startServer(
  workspace: Workspace,
  { port, host, model }: ServeOptions,
): Promise<RunningServer> {
  const { root, signal } = workspace;
  const named = model ? ['--model', model] : [];
  const child = spawn(
    process.execPath,
    [serverFile, ...['--root', root, '--port', String(port), '--host', host], ...named],
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
  const url = await firstNews(child, closed);
  return { url, stop, closed };
}

const serverFile = join(import.meta.dirname, '../../../serving/server.ts');

/** What the server tells its parent first. */
type News =
  | { readonly url: string }
  | { readonly error: { readonly code: ErrorCode; readonly details: Record<string, unknown> } };

async function firstNews(child: ChildProcess, closed: Promise<number>): Promise<string> {
  const news = await Promise.race([
    once(child, 'message').then(([message]: News[]) => message),
    closed.then((code) => code),
  ]);
  if (typeof news === 'object' && 'url' in news) return news.url;
  await closed;
  if (typeof news === 'object') throw new MainstemError(news.error.code, news.error.details);
  throw new MainstemError('SERVING_FAILED', { reason: `exit code ${news ?? 'unknown'}` });
}
