import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BackendName, backendNames } from '../../../platform/schemas/index.ts';
import {
  drivers,
  findBackend,
  manifestFile,
  nativeNameOf,
  nativePlace,
} from '../../backends/index.ts';

/** A backend, and whether it can be used on this machine. */
export interface ListedBackend {
  readonly name: BackendName;
  readonly usable: boolean;
  /** Whether its parts are there, even if it does not start. */
  readonly installed: boolean;
  /** What runs, or why it does not. */
  readonly why: string;
  /** Part of the run key; null where it cannot be used. */
  readonly class: string | null;
  /** Whether the same inputs give the same bits. */
  readonly deterministic: boolean;
  /** Whether `auto` takes it. */
  readonly chosen: boolean;
}

/** Every tensor backend in the order in which `auto` asks; what is installed is started in a process of its own. */
export async function listBackends(): Promise<ListedBackend[]> {
  const found: Omit<ListedBackend, 'chosen'>[] = [];
  for (const driver of backendNames.map((name) => drivers[name])) {
    const { name, deterministic } = driver;
    const { usable, why, installed: complete } = await findBackend(driver);
    const installed = complete || isThere(name);
    const named = usable ? await driver.class() : null;
    found.push({ name, usable, installed, why, class: named, deterministic });
  }
  const first = found.find(({ usable }) => usable)?.name;
  return found.map((each) => ({ ...each, chosen: each.name === first }));
}

/** Whether a native part was installed, even if a file of it is gone by now. */
function isThere(name: BackendName): boolean {
  const native = nativeNameOf(name);
  return native !== null && existsSync(join(nativePlace(native), manifestFile));
}
