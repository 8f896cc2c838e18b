import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kernelsFile, maximumPages } from '../../../../pipeline/backends/wasm/compiled.ts';
import { compileAssembly, findCompiler } from '../../../../platform/lib/compile-assembly.ts';

const compiler = findCompiler();

const builds = [
  { name: 'kernels.wasm', fused: false },
  { name: 'fused-kernels.wasm', fused: true },
];

test.skipIf(!compiler).each(builds)(
  'the committed $name is what its source compiles to (needs assemblyscript in .mainstem/tools)',
  async ({ fused }) => {
    const folder = await mkdtemp(join(tmpdir(), 'mainstem-kernels-'));
    try {
      const output = join(folder, 'kernels.wasm');
      const committed = kernelsFile(fused);
      const source = new URL('./assembly', committed);
      await compileAssembly(compiler ?? '', source, output, { maximumPages, fused });
      expect(Buffer.compare(await readFile(output), await readFile(committed))).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test.each(builds)(
  '$name uses nothing of its host but memory and holds no data of its own',
  async ({ fused }) => {
    const module = await WebAssembly.compile(await readFile(kernelsFile(fused)));
    expect(WebAssembly.Module.imports(module)).toEqual([
      expect.objectContaining({ module: 'env', name: 'memory', kind: 'memory' }),
    ]);
  },
);
