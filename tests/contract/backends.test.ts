import { expect, test } from 'vitest';
import { drivers, findBackend } from '../../pipeline/backends/index.ts';
import { testBackend } from './backend.ts';

const found = await Promise.all(
  Object.values(drivers).map(async (driver) => ({ driver, ...(await findBackend(driver)) })),
);
const usable = found.filter((each) => each.usable);
const others = found
  .filter((each) => !each.usable)
  .map(({ driver, why }) => `${driver.name}: ${why}`);

test(`wasm is among the backends tested here (not usable: ${others.join('; ') || 'none'})`, () => {
  expect(usable.map(({ driver }) => driver.name)).toContain('wasm');
});

for (const { driver } of usable) testBackend(driver);
