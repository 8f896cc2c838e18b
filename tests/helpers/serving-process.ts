import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { serverFlags } from '../../platform/lib/server-flags.ts';

/** A server in a process of its own. */
export interface ServingProcess {
  readonly child: ChildProcess;
  readonly url: string;
}

/** How it is started. */
export interface ServingProcessOptions {
  /** What runs it, and with which arguments before the server's own. @default this Node */
  readonly execPath?: string;
  readonly execArgv?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

const serverFile = join(import.meta.dirname, '../../serving/server.ts');

/**
 * Starts the server of a repository at a free port of the loopback address, with Node's options as the product starts it. What it
 * says goes nowhere.
 *
 * @throws Error with what it reported, if it does not start
 */
export async function launchServer(
  root: string,
  { execPath = process.execPath, execArgv = [], environment = {} }: ServingProcessOptions = {},
): Promise<ServingProcess> {
  const settings = { HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent', ...environment };
  const child = spawn(execPath, [...execArgv, ...serverFlags, serverFile, '--root', root], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...settings },
  });
  const exited = once(child, 'exit').then(([code]) => ({ error: `exit code ${code}` }));
  const [message] = await Promise.race([once(child, 'message'), exited.then((error) => [error])]);
  if (typeof message.url !== 'string') throw new Error(JSON.stringify(message.error));
  return { child, url: message.url };
}

/** Asks a server to stop, and waits until it has. @returns its exit code */
export async function endServer({ child }: ServingProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  return child.exitCode;
}
