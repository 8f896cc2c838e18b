import { expect, test } from 'vitest';
import { chooseBackend, drivers } from '../../../../pipeline/backends/index.ts';
import { isInstalled } from '../../../../pipeline/backends/is-installed.ts';
import { backendNames } from '../../../../platform/schemas/index.ts';

/** What names an optional backend that is not installed: how to install it, or the package that is missing. */
const optional = backendNames.flatMap((name) => {
  const { packages, lacks } = drivers[name];
  const [packageName] = packages;
  if (packageName === undefined) return [];
  return [
    [name, lacks ? `npx mainstem backend install ${name}` : packageName, packageName] as const,
  ];
});
const absent = optional.filter(([, , packageName]) => !isInstalled(packageName));

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

test('a backend that does not give the same bits says how near it comes', () => {
  const drifting = Object.values(drivers).filter(({ deterministic }) => !deterministic);
  const native = drifting.filter(({ lacks }) => lacks !== undefined);
  expect(native.map(({ name }) => name)).toEqual(['tensorflow-gpu', 'tensorflow']);
  for (const { tolerance } of native) expect(tolerance?.gradients).toBeLessThanOrEqual(1e-5);
  expect(drivers.wasm.tolerance).toBeUndefined();
});

test.skipIf(absent.length < 3)(
  'auto takes wasm and says why not the others (where no optional backend is installed)',
  async () => {
    const { name, reason } = await chooseBackend('auto');
    expect(name).toBe('wasm');
    for (const [other] of optional)
      expect(reason).toMatch(new RegExp(`${other}\\b[^;]* is not installed`));
    expect(reason).not.toContain('npx mainstem');
  },
);

test.each(absent)(
  '%s by name is rejected with "%s" while it is not installed',
  async (name, advice) => {
    const choice = chooseBackend(name);
    await expect(choice).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringContaining(advice),
    });
  },
);
