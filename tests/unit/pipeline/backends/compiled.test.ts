import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kernelsFile, maximumPages } from '../../../../pipeline/backends/wasm/compiled.ts';
import { compileAssembly, findCompiler } from '../../../../platform/lib/compile-assembly.ts';

const compiler = findCompiler();

test.skipIf(!compiler)(
  'the committed kernels.wasm is what its source compiles to (needs assemblyscript in .mainstem/tools)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mainstem-kernels-'));
    try {
      const output = join(folder, 'kernels.wasm');
      const source = new URL('./assembly', kernelsFile);
      await compileAssembly(compiler ?? '', source, output, maximumPages);
      expect(Buffer.compare(await readFile(output), await readFile(kernelsFile))).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test('the kernels use nothing of their host but its memory and hold no data of their own', async () => {
  const module = await WebAssembly.compile(await readFile(kernelsFile));
  expect(WebAssembly.Module.imports(module)).toEqual([
    expect.objectContaining({ module: 'env', name: 'memory', kind: 'memory' }),
  ]);
});
