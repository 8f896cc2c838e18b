/*
 * The prediction server. Reads models/<name>/production.json, the records that they name, and the store;
 * writes feedback; listens on HOST:PORT. Settings: serving/config.ts.
 *
 *   node serving/server.ts --root . --port 8080 [--host 127.0.0.1] [--model pumpkins]
 *
 * On SIGTERM, SIGINT or SIGHUP it stops being ready, finishes the requests in progress and ends. Started with an IPC channel,
 * it sends its parent `{ url }` once it listens, or `{ error }` if it cannot, and it ends when its parent does.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isMainstemError, MainstemError } from '../platform/lib/errors.ts';
import { openStore } from '../platform/storage/index.ts';
import { buildApp, type ServingApp } from './app.ts';
import { type Config, readConfig } from './config.ts';

/** Requests still open after this time are aborted. */
const patienceMs = 10_000;

try {
  await serve(readConfig(process.argv.slice(2), process.env));
} catch (error) {
  await reportError(error);
  process.exit(isMainstemError(error) ? error.exitCode : 3);
}

async function serve(config: Config): Promise<void> {
  const serving = await buildApp({ config, store: openStore(config.root) });
  stopOnSignals(serving, config.drainSeconds);
  const url = await listen(serving, config);
  // A parent that has ended meanwhile cannot listen; `disconnect` then ends this process, too.
  if (process.send) process.send({ url }, () => {});
  else process.stdout.write(`Serving at ${url}\n`);
}

async function listen({ app }: ServingApp, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new MainstemError('PORT_TAKEN', { host, port, suggestion: port + 1 }, { cause });
  }
}

function stopOnSignals({ app, drain }: ServingApp, drainSeconds: number): void {
  const stop = async () => {
    drain();
    setTimeout(() => process.exit(3), drainSeconds * 1000 + patienceMs).unref();
    await delay(drainSeconds * 1000);
    await app.close();
    process.exit(0);
  };
  let stopping = false;
  const stopOnce = () => {
    if (!stopping) void stop();
    stopping = true;
  };
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, stopOnce);
  process.on('disconnect', stopOnce);
}

async function reportError(error: unknown): Promise<void> {
  if (!isMainstemError(error)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return;
  }
  const { code, details, message, hint } = error;
  const { send } = process;
  if (!send) process.stderr.write(`${code} ${message}\n  ${hint}\n`);
  // `send` returns before the message is written; exiting before that would lose it.
  else await new Promise((sent) => send.call(process, { error: { code, details } }, sent));
}
