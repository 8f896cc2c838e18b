import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { syncFolder } from '../../../platform/lib/files.ts';
import { digestFile } from '../../../platform/lib/hash.ts';
import { writeJson } from '../../../platform/lib/json-file.ts';
import { sweepLeftovers } from '../../../platform/lib/leftovers.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { temporaryIn } from '../../../platform/lib/temporary.ts';
import { turnPath, withTurn } from '../../../platform/lib/turn.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import {
  drivers,
  findBackend,
  manifestFile,
  type NativeManifest,
  type NativeName,
  nativeFolder,
  nativePlace,
  readManifest,
  tryBackend,
} from '../../backends/index.ts';
import {
  assertMachine,
  assertSpace,
  findTools,
  type Machine,
  thisMachine,
} from './assert-installable.ts';
import { compileBinding } from './compile-binding.ts';
import { addPackage, addWheel, type Installation } from './fetch-parts.ts';
import { type NativeParts, nativeParts } from './parts.ts';

/** A native part that is installed and works. */
export interface InstalledBackend {
  readonly name: NativeName;
  readonly folder: string;
  /** False if it was there already. */
  readonly changed: boolean;
  readonly bytes: number;
  /** Of the backend: part of the run key. */
  readonly class: string;
  /** What runs, for example `tensorflow works (TensorFlow 2.21.0 on the CPU)`. */
  readonly works: string;
}

/** How to install. */
export interface InstallRequest {
  /** Also where one that works is installed. */
  readonly force?: boolean;
  readonly machine?: Machine;
}

/**
 * Puts the native part of a backend into its folder: downloads the pinned files, verifies them, compiles the binding,
 * starts it in a process of its own, and only then gives the folder its name.
 *
 * @throws MainstemError BACKEND_UNSUPPORTED, BACKEND_TOOL_MISSING, BACKEND_INSTALL_FAILED, BACKEND_UNAVAILABLE, DISK_FULL
 */
export async function installBackend(
  workspace: Workspace,
  name: NativeName,
  { force = false, machine = thisMachine() }: InstallRequest = {},
): Promise<InstalledBackend> {
  assertMachine(name, machine);
  const { root, reporter, signal } = workspace;
  const waiting = 'Another command installs this backend.';
  const path = turnPath(root, 'backend', name);
  return withTurn({ path, waiting, reporter, signal }, async () => {
    const there = force ? null : await findInstalled(name);
    if (there) return there;
    const tools = await findTools(name, machine, signal);
    await makeFolder(nativeFolder());
    await sweepLeftovers(nativeFolder(), { now: Date.now(), remove: true, recursive: false });
    await assertSpace(nativeFolder(), nativeParts[name]);
    const room = temporaryIn(nativeFolder(), '.');
    const place = { folder: join(room, name), scratch: join(room, 'scratch') };
    const { environment } = machine;
    try {
      return await install({ ...{ name, ...place, tools, environment, reporter, signal } }, room);
    } finally {
      await rm(room, { recursive: true, force: true });
    }
  });
}

/** What is installed already and works, of the same version. */
async function findInstalled(name: NativeName): Promise<InstalledBackend | null> {
  const driver = drivers[name];
  if (driver.lacks?.() !== null) return null;
  const manifest = readManifest(name);
  if (manifest?.tensorflow !== nativeParts[name].tensorflow) return null;
  const { usable, why } = await findBackend(driver);
  return usable ? describe(name, manifest, why, false) : null;
}

async function install(
  installation: Omit<Installation, 'name'> & { readonly name: NativeName },
  room: string,
): Promise<InstalledBackend> {
  const { name, folder, scratch } = installation;
  const parts = nativeParts[name];
  for (const path of [folder, scratch]) await makeFolder(path);
  // The small ones first: what cannot be downloaded shows at once.
  for (const each of parts.packages) await addPackage(installation, each);
  for (const each of parts.wheels) await addWheel(installation, each);
  await compileBinding(installation);
  const manifest = await writeManifest(folder, parts);
  const { usable, why } = await tryBackend(name, { MAINSTEM_BACKENDS: room });
  if (!usable) throw new MainstemError('BACKEND_UNAVAILABLE', { name, reason: why });
  await putInPlace(folder, nativePlace(name), join(room, 'before'));
  return describe(name, manifest, why, true);
}

async function writeManifest(folder: string, parts: NativeParts): Promise<NativeManifest> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: NativeManifest['files'] = {};
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const { size: bytes } = await stat(path);
    files[path.slice(folder.length + 1)] = { bytes, digest: await digestFile(path) };
  }
  const binding = parts.packages[0]?.version ?? '';
  const manifest = { version: 1, tensorflow: parts.tensorflow, binding, files } as const;
  await writeJson(join(folder, manifestFile), manifest);
  return manifest;
}

/** Whoever has loaded the earlier one keeps it: its files stay until nobody has them open. */
async function putInPlace(from: string, to: string, aside: string): Promise<void> {
  await rename(to, aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(from, to);
  await syncFolder(nativeFolder());
}

async function describe(
  name: NativeName,
  { files }: NativeManifest,
  works: string,
  changed: boolean,
): Promise<InstalledBackend> {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  const folder = nativePlace(name);
  return { name, folder, changed, bytes, class: await drivers[name].class(), works };
}
