import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { launchServer } from '../../tests/helpers/serving-process.ts';
import { pinTo } from './pin.ts';

/** The server under attack. It is started again whenever it dies. */
export interface Target {
  /** The processor that is left for loads; the server may use the first one only. Undefined: both use all. */
  readonly loadProcessor: number | undefined;
  /** Of the running server; changes when it is started again. */
  readonly url: string;
  readonly port: number;
  /** How often it ended without being asked to. */
  readonly deaths: number;
  /** Waits until a server answers, if the last one has died. */
  ready(): Promise<void>;
  /** Most memory in MB since the last call of {@link forgetPeak}; NaN where the system does not say. */
  peak(): Promise<number>;
  forgetPeak(): Promise<void>;
  /** Ends a server that no longer answers, or one whose state would burden what comes next, and starts another. */
  replace(): Promise<void>;
  /** Ends it at once, for good. */
  kill(): void;
  /** Asks it to stop, and waits until it has. @returns its exit code */
  stop(): Promise<number | null>;
}

/**
 * Starts the server of a repository at a free port of the loopback address.
 *
 * @param loadProcessor see {@link Target.loadProcessor}.
 * @throws Error if it does not start
 */
export async function startTarget(root: string, loadProcessor?: number): Promise<Target> {
  // What a dying server says (a heap dump of V8) is not part of the table.
  const launch = () => launchServer(root, pinTo(loadProcessor === undefined ? undefined : 0));
  const state = { deaths: 0, asked: false, ...(await launch()) };
  let ready: Promise<void> = Promise.resolve();
  const start = async () => {
    Object.assign(state, await launch(), { asked: false });
    watch();
  };
  const watch = () => {
    state.child.once('exit', () => {
      if (state.asked) return;
      state.deaths += 1;
      ready = start();
    });
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    await ready;
    state.asked = true;
    const { child } = state;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  };
  watch();
  return {
    loadProcessor,
    get url() {
      return state.url;
    },
    get port() {
      return Number(new URL(state.url).port);
    },
    get deaths() {
      return state.deaths;
    },
    ready: () => ready,
    peak: () => readPeak(state.child.pid),
    forgetPeak: () => forgetPeak(state.child.pid),
    async replace() {
      await end('SIGKILL');
      await start();
    },
    kill() {
      state.asked = true;
      state.child.kill('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

async function readPeak(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1000;
}

async function forgetPeak(pid: number | undefined): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
}
