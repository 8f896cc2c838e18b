import { expect, test } from 'vitest';
import { chooseBackend } from '../../../../pipeline/backends/index.ts';
import { isInstalled } from '../../../../pipeline/backends/optional.ts';
import type { BackendName } from '../../../../platform/schemas/index.ts';

const optional: [BackendName, string][] = [
  ['tensorflow-gpu', '@tensorflow/tfjs-node-gpu'],
  ['tensorflow', '@tensorflow/tfjs-node'],
  ['webgpu', 'webgpu'],
];
const absent = optional.filter(([, packageName]) => !isInstalled(packageName));

test('wasm is always available and deterministic, and its class names the kernels', async () => {
  const info = await chooseBackend('wasm');
  expect(info).toMatchObject({ name: 'wasm', deterministic: true });
  expect(info.class).toMatch(/^wasm-[0-9a-f]{12}$/);
});

test.skipIf(absent.length < 3)(
  'auto takes wasm and says why not the others (where no optional backend is installed)',
  async () => {
    const { name, reason } = await chooseBackend('auto');
    expect(name).toBe('wasm');
    for (const [, packageName] of optional) expect(reason).toContain(packageName);
  },
);

test.each(absent)('%s by name is rejected while %s is not installed', async (name, packageName) => {
  const choice = chooseBackend(name);
  await expect(choice).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining(packageName),
  });
});
