import type { BackendInfo } from '../../platform/schemas/index.ts';
import { drivers } from './drivers.ts';

/**
 * Loads the chosen backend with all its kernels into this process and makes it the current one. Starting the
 * same backend again costs nothing.
 *
 * @throws MainstemError BACKEND_UNAVAILABLE if it does not start
 */
export async function startBackend(info: Pick<BackendInfo, 'name'>): Promise<void> {
  await drivers[info.name].start();
}
