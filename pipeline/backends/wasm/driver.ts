import type { BackendDriver } from '../driver.ts';
import { kernelsDigest } from './compiled.ts';

/** Built in, works everywhere: WebAssembly on one thread with SIMD, the published backend plus our kernels. */
export const wasmDriver: BackendDriver = {
  name: 'wasm',
  deterministic: true,
  class: async () => `wasm-${(await kernelsDigest()).slice(0, 12)}`,
  find: async () => ({ usable: true, why: 'wasm is built in' }),
  start: async () => {
    const { startWasm } = await import('./start.ts');
    await startWasm();
  },
};
