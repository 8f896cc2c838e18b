/*
 * Rebuilds kernels.wasm from assembly/, with the compiler that pipeline/backends/wasm/build.ts names:
 *
 *   node platform/transforms/build-kernels.ts
 */
import { fileURLToPath } from 'node:url';
import { compileAssembly, compilerVersion, findCompiler } from '../lib/compile-assembly.ts';

const compiler = findCompiler();
if (!compiler) {
  process.stderr.write(`npm install --prefix .mainstem/tools assemblyscript@${compilerVersion}\n`);
  process.exit(3);
}
const output = fileURLToPath(new URL('./kernels.wasm', import.meta.url));
await compileAssembly(compiler, new URL('./assembly', import.meta.url), output);
process.stdout.write(`${output}\n`);
