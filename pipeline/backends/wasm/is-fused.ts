import { startFailure } from '../start-failure.ts';

/**
 * Whether kernels round a product and its sum once, as MAINSTEM_FUSED=1 asks. Such a backend is of another class.
 *
 * @throws MainstemError BACKEND_UNAVAILABLE if MAINSTEM_FUSED is neither 0 nor 1
 * @example isFused({ MAINSTEM_FUSED: '1' }) // true
 */
export function isFused({ MAINSTEM_FUSED: asked }: NodeJS.ProcessEnv): boolean {
  if (!asked || asked === '0') return false;
  if (asked === '1') return true;
  throw startFailure('wasm', `MAINSTEM_FUSED is "${asked}", neither 0 nor 1`);
}
