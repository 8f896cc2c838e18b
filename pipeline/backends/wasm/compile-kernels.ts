import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The compiler's version is part of what kernels.wasm is: another one gives other bytes. */
export const compilerVersion = '0.28.20';

const toolPath = '../../../.mainstem/tools/node_modules/assemblyscript/bin/asc.js';

/** Where the AssemblyScript compiler is installed, or null. */
export function findCompiler(): string | null {
  const path = fileURLToPath(new URL(toolPath, import.meta.url));
  return existsSync(path) ? path : null;
}

/** Compiles assembly/ into a WebAssembly file. */
export async function compileKernels(compiler: string, output: string): Promise<void> {
  const source = fileURLToPath(new URL('./assembly/index.ts', import.meta.url));
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--importMemory'];
  // Bulk memory and fused arithmetic stay off: every engine must compute the same bits.
  const features = ['--enable', 'simd', '--disable', 'bulk-memory', '--initialMemory', '1'];
  const quiet = ['--disableWarning', '112'];
  const all = [compiler, source, ...options, ...features, ...quiet, '--outFile', output];
  await run(process.execPath, all, { cwd: folder });
}
