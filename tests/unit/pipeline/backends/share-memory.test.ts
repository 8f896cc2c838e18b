import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { kernelsFile } from '../../../../pipeline/backends/wasm/compiled.ts';
import { shareMemory } from '../../../../pipeline/backends/wasm/share-memory.ts';

const published = new URL(
  import.meta.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'),
);

test.each([
  ['defines its memory', published],
  ['imports it', kernelsFile()],
])('one byte makes a module share its memory that %s', async (_, file) => {
  const bytes = await readFile(file);
  const shared = shareMemory(bytes);
  const changed = [...shared.keys()].filter((at) => shared[at] !== bytes[at]);
  expect(changed).toHaveLength(1);
  expect(WebAssembly.validate(shared)).toBe(true);
});

test('the kernels run on shared memory', async () => {
  const module = await WebAssembly.compile(shareMemory(await readFile(kernelsFile())));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  expect(exports).toHaveProperty('convolve');
});

test('a module without a memory that could be shared is refused', () => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const unbounded = [...header, 5, 3, 1, 0, 1];
  for (const bytes of [header, unbounded]) {
    const module = Uint8Array.from(bytes);
    expect(WebAssembly.validate(module)).toBe(true);
    expect(() => shareMemory(module)).toThrow('no memory with a maximum');
  }
});
