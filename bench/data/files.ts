import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { access, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRandom } from '../../platform/lib/random.ts';

const run = promisify(execFile);
const classes = 10;

/** Writes seeded files of 200 to 350 bytes (the shape of MNIST as PNG files) into ten class folders. */
export function writeDigits(folder: string, files: number): void {
  const random = createRandom('bench/data');
  for (let file = 0; file < files; file++) {
    const inside = join(folder, `digit-${file % classes}`);
    if (file < classes) mkdirSync(inside, { recursive: true });
    const bytes = Uint8Array.from({ length: 200 + random.int(151) }, () => random.int(256));
    writeFileSync(join(inside, `${file}.png`), bytes);
  }
}

/** Runs a program to its end. */
export async function execute(
  cwd: string,
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...process.env, ...environment };
  const { stdout } = await run(program, args, { cwd, env, maxBuffer: 1 << 26 });
  return stdout;
}

/** Runs a program; returns the processor seconds of it and its children, which a busy machine does not change. */
export async function executeTimed(
  cwd: string,
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; processor: number }> {
  const env = { ...process.env, ...environment };
  const script = 'TIMEFORMAT="%U %S"; time "$@"';
  const { stdout, stderr } = await run('bash', ['-c', script, 'bash', program, ...args], {
    cwd,
    env,
    maxBuffer: 1 << 26,
  });
  const [user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { stdout, processor: user + system };
}

let moved = 0;

/** Moves a path out of the way, on the same file system. */
export async function setAside(root: string, path: string): Promise<void> {
  const there = await access(join(root, path)).then(
    () => true,
    () => false,
  );
  if (!there) return;
  await mkdir(`${root}-aside`, { recursive: true });
  await rename(join(root, path), join(`${root}-aside`, `${moved++}`));
}
