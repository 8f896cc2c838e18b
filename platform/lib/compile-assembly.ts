import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The compiler's version determines the bytes of every kernels.wasm. */
export const compilerVersion = '0.28.20';

const toolPath = '../../.mainstem/tools/node_modules/assemblyscript/bin/asc.js';

/** Path of the installed AssemblyScript compiler, or null. */
export function findCompiler(): string | null {
  const path = fileURLToPath(new URL(toolPath, import.meta.url));
  return existsSync(path) ? path : null;
}

/** What a build may have beside its sources. */
export interface AssemblyOptions {
  /** Pages of the memory that it imports; without them that memory needs no maximum. */
  readonly maximumPages?: number;
  /** Whether products are fused with sums: not every processor does that. */
  readonly fused?: boolean;
}

/**
 * The assembly/ of a folder as kernels.wasm, by the compiler at a path.
 *
 * @param output absolute path
 */
export async function compileAssembly(
  compiler: string,
  folder: URL,
  output: string,
  { maximumPages, fused = false }: AssemblyOptions = {},
): Promise<void> {
  const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--importMemory'];
  // Bulk memory and, unless asked for, fused arithmetic stay off: every engine must compute the same bits.
  const relaxed = fused ? ['--enable', 'relaxed-simd'] : [];
  const features = ['--enable', 'simd', ...relaxed, '--disable', 'bulk-memory'];
  const bound = maximumPages === undefined ? [] : ['--maximumMemory', `${maximumPages}`];
  const memory = ['--initialMemory', '1', ...bound];
  const quiet = ['--disableWarning', '112'];
  const all = [
    compiler,
    'index.ts',
    ...options,
    ...features,
    ...memory,
    ...quiet,
    '--outFile',
    output,
  ];
  const copy = await copySources(fileURLToPath(folder));
  try {
    await run(process.execPath, all, { cwd: copy });
  } finally {
    await rm(copy, { recursive: true });
  }
}

/** Makes a copy of assembly/ whose imports have no `.ts`: the compiler adds it itself. */
async function copySources(source: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'mainstem-assembly-'));
  for (const name of await readdir(source)) {
    const text = await readFile(join(source, name), 'utf8');
    await writeFile(join(copy, name), text.replace(/(from '\.\/\w+)\.ts'/g, "$1'"));
  }
  return copy;
}
