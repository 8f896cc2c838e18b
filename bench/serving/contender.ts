import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { exchangeOnce } from '../reliability/exchange.ts';

/** A server that is measured. */
export interface Contender {
  readonly name: string;
  readonly port: number;
  /** Of the Open Inference Protocol over gRPC; null without it. */
  readonly grpcPort: number | null;
  /** Seconds from its start to its first answer. */
  readonly coldStart: number;
  /** Memory in MB of all its processes, what they share counted once; NaN where the system does not say. */
  memory(): Promise<number>;
  /** Seconds that all its processes have computed so far; NaN where the system does not say. */
  processorTime(): Promise<number>;
  stop(): Promise<void>;
}

/** How to start a server. */
export interface Start {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly grpcPort?: number;
  /** A request whose answer is 200 as soon as it serves. */
  readonly first: Buffer;
}

const patienceMs = 60_000;

/** A port of this machine that nobody uses. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port is free');
  return address.port;
}

/** Starts a server and waits for its first answer. @throws Error if there is none within a minute */
export async function startContender(start: Start, port: number): Promise<Contender> {
  const began = performance.now();
  const [program = '', ...args] = start.command;
  const child = spawn(program, args, {
    ...(start.folder ? { cwd: start.folder } : {}),
    env: { ...process.env, ...start.environment },
    stdio: 'ignore',
    detached: true,
  });
  while (!(await answers(port, start.first))) {
    if (performance.now() - began > patienceMs || child.exitCode !== null) {
      await stop(child);
      throw new Error(`${start.name} does not start`);
    }
    await delay(10);
  }
  return {
    ...{ name: start.name, port, grpcPort: start.grpcPort ?? null },
    ...{ coldStart: (performance.now() - began) / 1000 },
    memory: () => memoryOf(child.pid ?? 0),
    processorTime: () => processorTimeOf(child.pid ?? 0),
    stop: () => stop(child),
  };
}

async function answers(port: number, request: Buffer): Promise<boolean> {
  const { outcome } = await exchangeOnce(port, request, { totalMs: 5000 });
  return outcome === 200;
}

/** Ends a server with the processes that it has started: it leads a group of its own. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || !child.pid) return;
  process.kill(-child.pid, 'SIGKILL');
  await once(child, 'exit');
}

async function memoryOf(pid: number): Promise<number> {
  const sizes = await Promise.all((await familyOf(pid)).map(proportionOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function proportionOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? Number.NaN) / 1000;
}

/** The system counts in hundredths of a second. */
async function processorTimeOf(pid: number): Promise<number> {
  const times = await Promise.all(
    (await familyOf(pid)).map(async (member) => {
      const fields = await statOf(member);
      return (Number(fields[11]) + Number(fields[12])) / 100;
    }),
  );
  return times.reduce((sum, time) => sum + time, 0);
}

/** The fields of a process after its name, which may hold blanks: state, parent, … */
async function statOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A process and all that descend from it. */
async function familyOf(root: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const parents = new Map(
    await Promise.all(pids.map(async (pid) => [pid, Number((await statOf(pid))[1])] as const)),
  );
  const family = [root];
  for (const member of family) {
    for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  }
  return family;
}
