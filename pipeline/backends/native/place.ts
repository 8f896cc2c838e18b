import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { dictionary } from '../../../platform/lib/dictionary.ts';
import { parseJson } from '../../../platform/lib/json.ts';

/** Backends whose native part `backend install` puts into a folder of its own. */
const nativeNames = ['tensorflow', 'tensorflow-gpu'] as const;
export type NativeName = (typeof nativeNames)[number];

/** The name, if it is one of a backend with a native part that can be installed. */
export function nativeNameOf(name: string): NativeName | null {
  return nativeNames.find((native) => native === name) ?? null;
}

/** What an installed native part says of itself: the file `native.json` in its folder. */
export const NativeManifest = Type.Object({
  version: Type.Literal(1),
  /** Version of TensorFlow's C library. */
  tensorflow: Type.String({ pattern: '^[0-9a-z.-]{1,20}$' }),
  /** Version of tfjs-node, whose binding and kernels are used. */
  binding: Type.String(),
  /** Every file by its path in the folder. */
  files: dictionary(Type.Object({ bytes: Type.Integer(), digest: Type.String() })),
});
export type NativeManifest = Static<typeof NativeManifest>;

export const manifestFile = 'native.json';

/** The folder that holds installed native parts, one folder per backend: `MAINSTEM_BACKENDS`, which clones may share. */
export function nativeFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const root = join(import.meta.dirname, '..', '..', '..');
  return environment.MAINSTEM_BACKENDS || join(root, '.mainstem', 'backends');
}

/** Where the native part of a backend is, whether or not it is installed. */
export function nativePlace(name: NativeName): string {
  return join(nativeFolder(), name);
}

/**
 * What the native part of a backend says of itself; null if it is not installed.
 *
 * @throws MainstemError JSON_INVALID; NodeJS.ErrnoException
 */
export function readManifest(name: NativeName): NativeManifest | null {
  const path = join(nativePlace(name), manifestFile);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return null;
  return parseJson(readFileSync(path, 'utf8'), NativeManifest, path);
}

/** The first file of an installed native part that is gone or of another size; null if all are there. */
export function findDamage(name: NativeName, { files }: NativeManifest): string | null {
  const folder = nativePlace(name);
  const damaged = Object.entries(files).find(
    ([path, { bytes }]) => statSync(join(folder, path), { throwIfNoEntry: false })?.size !== bytes,
  );
  return damaged?.[0] ?? null;
}
