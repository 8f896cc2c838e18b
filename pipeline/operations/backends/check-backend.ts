import { join } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { digestFile } from '../../../platform/lib/hash.ts';
import { plural } from '../../../platform/lib/plural.ts';
import type { BackendName } from '../../../platform/schemas/index.ts';
import {
  drivers,
  findBackend,
  nativeNameOf,
  nativePlace,
  readManifest,
} from '../../backends/index.ts';

/** What a check of a backend found in order. */
export interface CheckedBackend {
  readonly name: BackendName;
  readonly class: string;
  /** What runs, for example `tensorflow works (TensorFlow 2.21.0 on the CPU)`. */
  readonly works: string;
  /** What was verified, in words. */
  readonly verified: string;
}

/**
 * Verifies every byte of a backend's native part, then starts it in a process of its own and computes a convolution and its
 * gradient.
 *
 * @throws MainstemError BACKEND_DAMAGED, BACKEND_UNAVAILABLE
 */
export async function checkBackend(name: BackendName): Promise<CheckedBackend> {
  const driver = drivers[name];
  const lack = driver.lacks?.() ?? null;
  if (lack !== null) throw new MainstemError('BACKEND_UNAVAILABLE', { name, reason: lack });
  const verified = await verifyFiles(name);
  const { usable, why } = await findBackend(driver);
  if (!usable) throw new MainstemError('BACKEND_UNAVAILABLE', { name, reason: why });
  return { name, class: await driver.class(), works: why, verified };
}

async function verifyFiles(name: BackendName): Promise<string> {
  const native = nativeNameOf(name);
  const manifest = native && readManifest(native);
  if (!native || !manifest) return 'nothing: it has no native part of its own';
  const files = Object.entries(manifest.files);
  for (const [path, { digest }] of files) {
    const found = await digestFile(join(nativePlace(native), path));
    if (found === digest) continue;
    const reason = `${path} has other bytes than were installed`;
    throw new MainstemError('BACKEND_DAMAGED', { name, reason });
  }
  return plural(files.length, 'file');
}
