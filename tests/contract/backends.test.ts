import { expect, test } from 'vitest';
import { drivers, findBackend } from '../../pipeline/backends/index.ts';
import { nativeBackends } from '../helpers/native-backend.ts';
import { testBackend } from './backend.ts';

// Also for the processes that exercise a backend.
process.env.MAINSTEM_BACKENDS = nativeBackends;

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

for (const { driver, usable: works } of found) {
  // What `npm run test:setup` installs is missed by name; the other optional ones need a GPU.
  if (works || driver.name === 'tensorflow') testBackend(driver, works);
}
