import type { BackendDriver } from './driver.ts';
import { kernelsDigest } from './wasm/compiled.ts';
import { isFused } from './wasm/is-fused.ts';

/** Built in, works everywhere: WebAssembly with SIMD and threads, the published backend plus our kernels. */
export const driver: BackendDriver = {
  name: 'wasm',
  packages: [],
  deterministic: true,
  class: async () => {
    const fused = isFused(process.env);
    return `wasm-${fused ? 'fused-' : ''}${(await kernelsDigest(fused)).slice(0, 12)}`;
  },
  start: async () => {
    const { startWasm } = await import('./wasm/start.ts');
    await startWasm();
  },
};
