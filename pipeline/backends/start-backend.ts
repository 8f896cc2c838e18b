import { fileURLToPath } from 'node:url';
import type { BackendInfo } from '../../platform/schemas/index.ts';
import type { BackendDriver } from './driver.ts';

/**
 * Loads the chosen backend with all its kernels into this process and makes it the current one. Starting the
 * same backend again costs nothing.
 *
 * @throws MainstemError BACKEND_UNAVAILABLE if it does not start
 */
export async function startBackend({ name }: Pick<BackendInfo, 'name'>): Promise<void> {
  const module: { driver: BackendDriver } = await import(driverUrl(name).href);
  await module.driver.start();
}

/**
 * The file with a backend's driver. A stage that starts a backend names it as its code: the import above is of
 * a computed name, so that a key holds the driver that ran and no other.
 */
export function driverPath(name: string): string {
  return fileURLToPath(driverUrl(name));
}

function driverUrl(name: string): URL {
  return new URL(`./${name}.ts`, import.meta.url);
}
