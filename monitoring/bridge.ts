/*
 * The bridge from alerts to pull requests. Alertmanager posts to it, and it asks GitHub for a retraining or a revert, both of
 * which are workflows that open a pull request. Reads its secrets from files; writes its state file; listens on HOST:PORT.
 * Settings: monitoring/bridge/config.ts.
 *
 *   MAINSTEM_BRIDGE_REPOSITORY=jen/farm MAINSTEM_BRIDGE_SECRET_FILE=secret MAINSTEM_BRIDGE_TOKEN_FILE=token \
 *     node monitoring/bridge.ts
 *
 * On SIGTERM, SIGINT or SIGHUP it takes nothing more, ends the attempt in progress, keeps what waits and ends.
 */

import { once } from 'node:events';
import { MainstemError } from '../platform/lib/errors.ts';
import { explainSystemError } from '../platform/lib/explain-system-error.ts';
import { reportFault } from '../platform/lib/report-fault.ts';
import { withTurn } from '../platform/lib/turn.ts';
import { buildBridge } from './bridge/app.ts';
import { type BridgeConfig, readBridgeConfig } from './bridge/config.ts';

/** An attempt takes no longer than half a minute. */
const patienceMs = 40_000;

try {
  await run(await readBridgeConfig(process.env));
} catch (error) {
  const { code, message, hint, exitCode } =
    explainSystemError(error) ?? reportFault(error, { root: process.cwd(), args: ['bridge'] });
  process.stderr.write(`${code} ${message}\n  ${hint}\n`);
  process.exitCode = exitCode;
}

/** One bridge writes a state file: another waits until the first has ended. */
async function run(config: BridgeConfig): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(name, stop);
  const turn = {
    path: `${config.stateFile}.lock`,
    waiting: 'Another bridge has this state file; waiting until it ends.',
    reporter: { info: (text: string) => void process.stderr.write(`${text}\n`) },
    signal: stopping.signal,
  };
  await withTurn(turn, () => serve(config, stopping.signal));
}

async function serve(config: BridgeConfig, signal: AbortSignal): Promise<void> {
  const bridge = await buildBridge({ config });
  const ended = once(signal, 'abort');
  const { host, port } = config;
  const url = await bridge.app.listen({ host, port }).catch(async (cause: unknown) => {
    await bridge.close();
    const reason = cause instanceof Error && 'code' in cause ? cause.code : String(cause);
    throw new MainstemError('LISTEN_FAILED', { host, port, reason }, { cause });
  });
  bridge.main.start();
  process.stdout.write(`Bridging at ${url} to ${config.repository}\n`);
  if (!signal.aborted) await ended;
  setTimeout(() => process.exit(3), patienceMs).unref();
  await bridge.close();
}
