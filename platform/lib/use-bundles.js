// Preloaded by bootstrap.js (`node --import`), and the first thing that the server loads: puts the files that
// bundle-packages.ts made in the place of the packages they were made from, unless there are none or another version of one of
// them is installed by now.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const packages = new URL('../../node_modules/', import.meta.url);
const folder = new URL('.cache/bundles/', packages);
const bundles = readBundles();
if (bundles.size > 0) {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const url = bundles.get(specifier)?.();
      if (!url) return nextResolve(specifier, context);
      return { url, format: 'module', shortCircuit: true };
    },
  });
}

/** @returns {ReadonlyMap<string, () => string | null>} specifier → the address of its bundle, if that holds what is installed */
function readBundles() {
  try {
    const { groups } = JSON.parse(readFileSync(new URL('bundles.json', folder), 'utf8'));
    return new Map(groups.flatMap(addressesOf));
  } catch {
    return new Map();
  }
}

/**
 * A group is compared when something of it is first imported: a short command needs one package of fifty.
 *
 * @param {{ packages: Readonly<Record<string, string>>, bundles: Readonly<Record<string, string>> }} group
 * @returns {[string, () => string | null][]}
 */
function addressesOf({ packages: versions, bundles: files }) {
  /** @type {boolean | undefined} */
  let isCurrent;
  return Object.entries(files).map(([name, file]) => [
    name,
    () => {
      isCurrent ??= Object.entries(versions).every(isInstalled);
      return isCurrent ? new URL(file, folder).href : null;
    },
  ]);
}

/** @param {[string, string]} of a package: its name and version */
function isInstalled([name, version]) {
  try {
    const manifest = readFileSync(new URL(`${name}/package.json`, packages), 'utf8');
    return JSON.parse(manifest).version === version;
  } catch {
    return false;
  }
}
