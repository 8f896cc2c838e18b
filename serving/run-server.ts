import { setTimeout as delay } from 'node:timers/promises';
import { explainLoading } from '../platform/lib/explain-loading.ts';
import { explainSystemError } from '../platform/lib/explain-system-error.ts';
import { reportFault } from '../platform/lib/report-fault.ts';
import type { ServingApp } from './app.ts';
import { assertOpenFiles } from './assert-open-files.ts';
import { type Config, readConfig } from './config.ts';
import { explainListenError } from './explain-listen-error.ts';
import { endThreads, startThread } from './inference/threads.ts';

/** Requests still open after this time are aborted. */
const patienceMs = 10_000;
/** What threads still compute then may take so long. */
const lastMs = 5000;

/**
 * Connections that wait to be taken, where the system allows as many. Of a burst that is larger the system drops some without a word, a
 * load balancer's probe among them, and their clients try again a second later.
 */
const backlog = 4096;

/** Runs the server of a command line, and ends the process if it cannot. */
export async function runServer(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  try {
    await serve(readConfig(args, environment));
  } catch (error) {
    process.exit(await reportError(error));
  }
}

async function serve(config: Config): Promise<void> {
  assertOpenFiles(config.workers);
  const serving = await build(config);
  stopOnSignals(serving, config.drainSeconds);
  const url = await listen(serving, config);
  const grpc = await listenGrpc(serving, config);
  // A parent that has ended meanwhile cannot listen; `disconnect` then ends this process, too.
  if (process.send) process.send({ url, grpc }, () => {});
  else announce(`Serving at ${url}${grpc ? `, gRPC at ${grpc}` : ''}`, serving, config);
}

/** Threads load their runtime while this one loads the rest of the server, and the models. */
async function build(config: Config): Promise<ServingApp> {
  const threads = Array.from({ length: config.workers }, startThread);
  try {
    const [{ buildApp }, { openStore }] = await Promise.all([
      import('./app.ts'),
      import('../platform/storage/store/index.ts'),
    ]);
    return await buildApp({ config, store: openStore(config.root), threads });
  } catch (error) {
    await endThreads(threads);
    throw error;
  }
}

/** Tells whoever looks on; where others read the lines, as one of them. */
function announce(text: string, { app }: ServingApp, { logFormat }: Config): void {
  if (logFormat === 'pino') process.stdout.write(`${text}\n`);
  else app.log.info(text);
}

async function listen({ app }: ServingApp, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port, backlog });
  } catch (cause) {
    await app.close();
    throw await explainListenError(cause, { host, port });
  }
}

async function listenGrpc(
  { app, listenGrpc }: ServingApp,
  { host, grpcPort: port }: Config,
): Promise<string | null> {
  if (port === undefined) return null;
  try {
    return await listenGrpc({ host, port });
  } catch (cause) {
    await app.close();
    throw await explainListenError(cause, { host, port });
  }
}

function stopOnSignals({ app, drain, endThreads: end }: ServingApp, drainSeconds: number): void {
  const stop = async () => {
    drain();
    setTimeout(() => void giveUp(end), drainSeconds * 1000 + patienceMs).unref();
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

/** `process.exit` ends the threads, too: one that computes in the runtime would abort the process, with a core dump. */
async function giveUp(end: ServingApp['endThreads']): Promise<void> {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), lastMs).unref();
  await end();
  process.exit(3);
}

/** Tells the parent, or whoever reads standard error, and returns the exit code. */
async function reportError(error: unknown): Promise<number> {
  const root = process.cwd();
  const known =
    explainSystemError(error) ??
    explainLoading(error, root) ??
    reportFault(error, { root, args: ['serve'] });
  const { code, details, message, hint, exitCode } = known;
  const { send } = process;
  // `send` returns before the message is written; exiting before that would lose it.
  if (send) await new Promise((sent) => send.call(process, { error: { code, details } }, sent));
  else process.stderr.write(`${code} ${message}\n  ${hint}\n${details.report ?? ''}`);
  return exitCode;
}
