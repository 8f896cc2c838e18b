// Preloaded by bootstrap.js (`node --import`), and the first thing that the server and its threads load: puts the files that
// bundle-packages.ts made in the place of the packages they were made from, unless there are none or another version of one of
// them is installed by now, and finds our own sources without the detours that packages need.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const root = new URL('../../', import.meta.url).href;
const packages = new URL('node_modules/', root);
const folder = new URL('.cache/bundles/', packages);
const bundles = readBundles();
registerHooks({
  resolve(specifier, context, nextResolve) {
    const bundle = bundles.get(specifier)?.();
    if (bundle) return { url: bundle, format: 'module', shortCircuit: true };
    const source = addressOf(specifier, context.parentURL);
    if (source) return { url: source, format: 'module-typescript', shortCircuit: true };
    return nextResolve(specifier, context);
  },
});

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

/**
 * The address of an own source that another one names by its path. Node would look for links and for the package that the file belongs
 * to, which takes as long as reading it; what is not there, it explains.
 *
 * @param {string} specifier
 * @param {string | undefined} parent
 */
function addressOf(specifier, parent) {
  if (!parent?.startsWith(root) || !/^\.\.?\/.*\.ts$/.test(specifier)) return null;
  const url = new URL(specifier, parent);
  return url.href.startsWith(root) && existsSync(url) ? url.href : null;
}
