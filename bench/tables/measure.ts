import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a program took. */
export interface Spent {
  /** Seconds of the processor, of the program and all that it started. */
  readonly processor: number;
  /** Seconds on the clock. */
  readonly clock: number;
  /** Most bytes of all its processes together, looked at ten times a second. */
  readonly peak: number;
  readonly code: number | null;
  readonly output: string;
}

const everyMs = 100;

/** Runs a program to its end and measures it. */
export function measure(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Spent> {
  const script = 'TIMEFORMAT="%U %S"; time "$@" 2>&1';
  const began = performance.now();
  const child = spawn('bash', ['-c', script, 'bash', program, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  let [output, times, peak] = ['', '', 0];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    times += chunk;
  });
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryOf(child.pid ?? 0));
  }, everyMs);
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearInterval(timer);
      const [user = 0, system = 0] = (times.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
      const clock = (performance.now() - began) / 1000;
      resolve({ processor: user + system, clock, peak, code, output });
    }),
  );
}

/** The resident memory of a process and all below it, in bytes. */
function memoryOf(root: number): number {
  const parents = new Map<number, number>();
  const sizes = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const process = Number(name);
    if (!Number.isInteger(process)) continue;
    const facts = read(`/proc/${name}/status`);
    parents.set(process, Number(/^PPid:\s+(\d+)/m.exec(facts)?.[1]));
    sizes.set(process, 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(facts)?.[1] ?? 0));
  }
  const isBelow = (process: number): boolean => {
    const parent = parents.get(process);
    return process === root || (parent !== undefined && parent > 0 && isBelow(parent));
  };
  return [...sizes].reduce((sum, [process, size]) => sum + (isBelow(process) ? size : 0), 0);
}

/** '' for a process that has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
