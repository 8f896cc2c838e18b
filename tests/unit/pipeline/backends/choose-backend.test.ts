import { expect, test } from 'vitest';
import { chooseBackend, drivers } from '../../../../pipeline/backends/index.ts';
import { isInstalled } from '../../../../pipeline/backends/is-installed.ts';
import { backendNames } from '../../../../platform/schemas/index.ts';

const optional = backendNames.flatMap((name) => {
  const [packageName] = drivers[name].packages;
  return packageName === undefined ? [] : [[name, packageName] as const];
});
const absent = optional.filter(([, packageName]) => !isInstalled(packageName));

test('each name has a driver of that name in the file of that name, and each driver a name', async () => {
  expect(Object.keys(drivers)).toEqual([...backendNames]);
  for (const name of backendNames) {
    const file = await import(`../../../../pipeline/backends/${name}.ts`);
    expect(file.driver, name).toBe(drivers[name]);
    expect(drivers[name].name).toBe(name);
  }
});

test('wasm is always there, deterministic, and its class names the kernels', async () => {
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
