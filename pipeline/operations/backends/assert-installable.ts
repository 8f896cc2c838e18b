import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import { type NativeName, whyNoDevice } from '../../backends/index.ts';
import type { NativeParts } from './parts.ts';
import { runTool } from './run-tool.ts';
import { copiesWhileDownloading } from './watch-folder.ts';

/** What of a machine decides whether a native part can be installed there. */
export interface Machine {
  /** As Node names them. */
  readonly platform: string;
  readonly architecture: string;
  /** Version of the GNU C library; undefined where there is another one. */
  readonly glibc: string | undefined;
  /** Why CUDA can see no GPU; null if it should. */
  readonly noGpu: string | null;
  readonly environment: NodeJS.ProcessEnv;
}

/** The programs that an installation calls. */
export interface Tools {
  readonly python: string;
  readonly npm: string;
  readonly tar: string;
  readonly compiler: string;
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  const report = process.report.getReport();
  const header: unknown = typeof report === 'object' && 'header' in report ? report.header : null;
  const glibc =
    typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header
      ? String(header.glibcVersionRuntime)
      : undefined;
  return {
    ...{ platform: process.platform, architecture: process.arch, glibc, noGpu: whyNoDevice() },
    environment: process.env,
  };
}

/** The GNU C library that the wheels are built for. */
const oldestGlibc = [2, 27] as const;

/** @throws MainstemError BACKEND_UNSUPPORTED where no installation can help */
export function assertMachine(name: NativeName, machine: Machine): void {
  const reason = whyNot(name, machine);
  if (reason !== null) throw new MainstemError('BACKEND_UNSUPPORTED', { name, reason });
}

function whyNot(name: NativeName, machine: Machine): string | null {
  const { platform, architecture, glibc, noGpu } = machine;
  if (platform !== 'linux' || architecture !== 'x64')
    return `it is made for linux on x64, and this is ${platform} on ${architecture}`;
  if (glibc === undefined) return 'it needs the GNU C library, and this Linux has another one';
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  const [needed, least] = oldestGlibc;
  if (major < needed || (major === needed && minor < least))
    return `it needs version ${oldestGlibc.join('.')} of the GNU C library, and this is ${glibc}`;
  return name === 'tensorflow-gpu' ? noGpu : null;
}

const tools: Readonly<Record<keyof Tools, readonly [string[], what: string, from: string]>> = {
  python: [['python3'], 'Python with pip', 'apt-get install python3-pip'],
  npm: [['npm'], 'npm', 'it comes with Node'],
  tar: [['tar'], 'tar', 'apt-get install tar'],
  compiler: [['c++', 'g++', 'clang++'], 'a C++ compiler', 'apt-get install g++'],
};

/** The programs that an installation needs. @throws MainstemError BACKEND_TOOL_MISSING */
export async function findTools(
  name: NativeName,
  { environment }: Machine,
  signal: AbortSignal,
): Promise<Tools> {
  const found = { python: '', npm: '', tar: '', compiler: '' };
  for (const tool of ['python', 'npm', 'tar', 'compiler'] as const) {
    const [programs, what, from] = tools[tool];
    const path = await findProgram(programs, environment);
    if (path === null) throw new MainstemError('BACKEND_TOOL_MISSING', { name, what, from });
    found[tool] = path;
  }
  const pip = await runTool({
    ...{ program: found.python, args: ['-m', 'pip', '--version'], cwd: '/' },
    ...{ environment, signal },
  });
  const [, what, from] = tools.python;
  if (pip.code !== 0) throw new MainstemError('BACKEND_TOOL_MISSING', { name, what, from });
  return found;
}

async function findProgram(
  names: readonly string[],
  { PATH = '' }: NodeJS.ProcessEnv,
): Promise<string | null> {
  for (const name of names) {
    for (const folder of PATH.split(delimiter).filter(Boolean)) {
      const path = join(folder, name);
      const runs = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (runs) return path;
    }
  }
  return null;
}

/** How much of the disk an installation takes at its height. */
export function spaceFor({ wheels }: NativeParts): number {
  // The packages of npm, and what is compiled.
  let [kept, most] = [20_000_000, 0];
  for (const { bytes, unpacked } of wheels) {
    most = Math.max(most, kept + bytes * copiesWhileDownloading, kept + bytes + unpacked);
    kept += unpacked;
  }
  return most;
}

/** @param folder one that exists. @throws MainstemError DISK_FULL before anything is downloaded */
export async function assertSpace(
  folder: string,
  parts: NativeParts,
  free = freeBytes,
): Promise<void> {
  const [needed, there] = [spaceFor(parts), await free(folder)];
  if (there >= needed) return;
  const reason = `the installation needs ${renderBytes(needed)} of disk, and ${renderBytes(there)} are free`;
  throw new MainstemError('DISK_FULL', { path: folder, reason });
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
