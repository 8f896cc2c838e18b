/*
 * Rebuilds kernels.wasm from assembly/. The compiler is not a dependency (100 MB, needed only to change a
 * kernel); install it once beside the repository's own packages:
 *
 *   npm install --prefix .mainstem/tools assemblyscript@0.28.20
 *   node pipeline/backends/wasm/build.ts
 */
import { compileKernels, findCompiler } from './compile-kernels.ts';
import { kernelsFile } from './compiled.ts';

const compiler = findCompiler();
if (!compiler) {
  process.stderr.write('npm install --prefix .mainstem/tools assemblyscript@0.28.20\n');
  process.exit(3);
}
await compileKernels(compiler, kernelsFile.pathname);
process.stdout.write(`${kernelsFile.pathname}\n`);
