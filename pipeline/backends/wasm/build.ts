/*
 * Rebuilds kernels.wasm and fused-kernels.wasm from assembly/. The compiler is not a dependency (100 MB, needed only to change a
 * kernel); install it once, next to the repository's own packages:
 *
 *   npm install --prefix .mainstem/tools assemblyscript@0.28.20
 *   node pipeline/backends/wasm/build.ts
 */
import { fileURLToPath } from 'node:url';
import {
  compileAssembly,
  compilerVersion,
  findCompiler,
} from '../../../platform/lib/compile-assembly.ts';
import { kernelsFile, maximumPages } from './compiled.ts';

const compiler = findCompiler();
if (!compiler) {
  process.stderr.write(`npm install --prefix .mainstem/tools assemblyscript@${compilerVersion}\n`);
  process.exit(3);
}
for (const fused of [false, true]) {
  const output = fileURLToPath(kernelsFile(fused));
  const options = { maximumPages, fused };
  await compileAssembly(compiler, new URL('./assembly', import.meta.url), output, options);
  process.stdout.write(`${output}\n`);
}
