import { readFileSync } from 'node:fs';
import { dirname, posix, resolve } from 'node:path';
import { type Static, Type } from 'typebox';
import { dictionary } from '../../platform/lib/dictionary.ts';
import type { FileLog } from '../../platform/lib/file-log.ts';
import { parseJson } from '../../platform/lib/json.ts';

/** The packages in node_modules, as Node would resolve them. */
export interface InstalledPackages {
  /** The version that a source file imports; null if it is not installed. @param by the file that imports it */
  version(by: string, name: string): string | null;
  /** Names of the repository's optional packages. */
  optional(): ReadonlySet<string>;
}

const Manifest = Type.Object({
  version: Type.Optional(Type.String()),
  optionalDependencies: Type.Optional(dictionary(Type.String())),
});
type Manifest = Static<typeof Manifest>;

/** Reads manifests, each again only if it was touched. @param log where each look at a manifest is noted */
export function openInstalledPackages(root: string, log: FileLog): InstalledPackages {
  const known = new Map<string, { readonly state: string; readonly manifest: Manifest }>();
  const manifestAt = (path: string): Manifest | null => {
    const found = log.observe(path);
    if (!found) return null;
    const before = known.get(path);
    if (before?.state === found.state) return before.manifest;
    const manifest = parseJson(readFileSync(resolve(root, path), 'utf8'), Manifest, path);
    known.set(path, { state: found.state, manifest });
    return manifest;
  };
  return {
    version(by, name) {
      for (let folder = dirname(by); ; folder = dirname(folder)) {
        const manifest = manifestAt(posix.join(folder, 'node_modules', name, 'package.json'));
        if (manifest) return manifest.version ?? 'unversioned';
        if (folder === '.') return null;
      }
    },
    optional: () => new Set(Object.keys(manifestAt('package.json')?.optionalDependencies ?? {})),
  };
}
