import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The compiler's version determines the bytes of kernels.wasm. */
export const compilerVersion = '0.28.20';

const toolPath = '../../../.mainstem/tools/node_modules/assemblyscript/bin/asc.js';

/** Path of the installed AssemblyScript compiler, or null. */
export function findCompiler(): string | null {
  const path = fileURLToPath(new URL(toolPath, import.meta.url));
  return existsSync(path) ? path : null;
}

/** Compiles assembly/ into a WebAssembly file. @param output absolute path */
export async function compileKernels(compiler: string, output: string): Promise<void> {
  const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--importMemory'];
  // Bulk memory and fused arithmetic stay off: every engine must compute the same bits.
  const features = ['--enable', 'simd', '--disable', 'bulk-memory', '--initialMemory', '1'];
  const quiet = ['--disableWarning', '112'];
  const all = [compiler, 'index.ts', ...options, ...features, ...quiet, '--outFile', output];
  const folder = await copySources();
  try {
    await run(process.execPath, all, { cwd: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Makes a copy of assembly/ whose imports have no `.ts`: the compiler adds it itself. */
async function copySources(): Promise<string> {
  const source = fileURLToPath(new URL('./assembly', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-assembly-'));
  for (const name of await readdir(source)) {
    const text = await readFile(join(source, name), 'utf8');
    await writeFile(join(folder, name), text.replace(/(from '\.\/\w+)\.ts'/g, "$1'"));
  }
  return folder;
}
