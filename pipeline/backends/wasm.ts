import type { BackendDriver } from './driver.ts';
import { kernelsDigest } from './wasm/compiled.ts';

/** Built in, works everywhere: WebAssembly on one thread with SIMD, the published backend plus our kernels. */
export const driver: BackendDriver = {
  name: 'wasm',
  packages: [],
  deterministic: true,
  class: async () => `wasm-${(await kernelsDigest()).slice(0, 12)}`,
  start: async () => {
    const { startWasm } = await import('./wasm/start.ts');
    await startWasm();
  },
};
