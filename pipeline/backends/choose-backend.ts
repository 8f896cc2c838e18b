import { MainstemError } from '../../platform/lib/errors.ts';
import {
  type BackendChoice,
  type BackendInfo,
  type BackendName,
  backendNames,
} from '../../platform/schemas/index.ts';
import type { BackendDriver } from './driver.ts';
import { drivers } from './drivers.ts';
import { findBackend } from './find-backend.ts';

/**
 * Chooses the tensor backend: the named one, or with `auto` the first usable in the order of their
 * names' list. Loads nothing into this process; optional packages are tried in a process of their own.
 *
 * @throws MainstemError BACKEND_UNAVAILABLE if the named one cannot be used here
 */
export async function chooseBackend(request: BackendChoice): Promise<BackendInfo> {
  return request === 'auto' ? chooseFirst() : chooseNamed(request);
}

async function chooseNamed(name: BackendName): Promise<BackendInfo> {
  const driver = drivers[name];
  const { usable, why } = await findBackend(driver);
  if (!usable) throw new MainstemError('BACKEND_UNAVAILABLE', { name, reason: why });
  return describe(driver, `asked for by name; ${why}`);
}

async function chooseFirst(): Promise<BackendInfo> {
  const passedOver: string[] = [];
  for (const driver of backendNames.map((name) => drivers[name])) {
    const { usable, why } = await findBackend(driver);
    if (usable) return describe(driver, [...passedOver, why].join('; '));
    const reason = withoutAdvice(why);
    passedOver.push(reason.includes(driver.name) ? reason : `${driver.name}: ${reason}`);
  }
  throw new MainstemError('BACKEND_UNAVAILABLE', { name: 'auto', reason: passedOver.join('; ') });
}

/** A record says why another backend was taken, not how to install it. */
function withoutAdvice(why: string): string {
  return why.replace(/ \(npx mainstem [^)]*\)$/, '');
}

async function describe(driver: BackendDriver, reason: string): Promise<BackendInfo> {
  const { name, deterministic, tolerance } = driver;
  const bits = { deterministic, ...(tolerance && { tolerance }) };
  return { name, class: await driver.class(), ...bits, reason };
}
