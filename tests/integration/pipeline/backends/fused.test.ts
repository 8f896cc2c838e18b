import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { drivers } from '../../../../pipeline/backends/index.ts';
import { isMainstemError } from '../../../../platform/lib/errors.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, 'train-small.ts');

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The digest of a training in a process of its own; null if the processor does not fuse, which it must say. */
async function train(settings: NodeJS.ProcessEnv): Promise<string | null> {
  const env = { ...process.env, ...settings };
  try {
    return (await run(process.execPath, [program], { env })).stdout;
  } catch (error) {
    expect(String(error)).toContain('this processor rounds products and sums');
    return null;
  }
}

test('a fused training gives the same bits on any number of threads, and others than without', async () => {
  const alone = await train({ MAINSTEM_FUSED: '1', MAINSTEM_THREADS: '1' });
  expect(await train({ MAINSTEM_FUSED: '1', MAINSTEM_THREADS: '3' })).toBe(alone);
  const plain = await train({ MAINSTEM_FUSED: '0' });
  expect(plain).toMatch(/^sha256:/);
  expect(alone).not.toBe(plain);
});

test('the class of the backend says whether it fuses', async () => {
  const plain = await drivers.wasm.class();
  expect(plain).toMatch(/^wasm-[0-9a-f]{12}$/);
  vi.stubEnv('MAINSTEM_FUSED', '1');
  expect(await drivers.wasm.class()).toMatch(/^wasm-fused-[0-9a-f]{12}$/);
});

test('what is neither 0 nor 1 is refused', async () => {
  vi.stubEnv('MAINSTEM_FUSED', 'yes');
  const [refused] = await Promise.allSettled([drivers.wasm.class()]);
  expect(refused?.status).toBe('rejected');
  const reason: unknown = refused?.status === 'rejected' ? refused.reason : null;
  expect(isMainstemError(reason) && reason.code).toBe('BACKEND_UNAVAILABLE');
});
