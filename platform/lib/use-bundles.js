// Preloaded by bootstrap.js (`node --import`), and the first thing that the server loads: puts the files that
// bundle-packages.ts made in the place of the packages they were made from, unless there are none or another version is
// installed by now.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const packages = new URL('../../node_modules/', import.meta.url);
const folder = new URL('.cache/bundles/', packages);
const bundles = readBundles();
if (bundles.size > 0) {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const url = bundles.get(specifier);
      if (url === undefined) return nextResolve(specifier, context);
      return { url, format: 'module', shortCircuit: true };
    },
  });
}

/** @returns {ReadonlyMap<string, string>} specifier → address of its bundle */
function readBundles() {
  try {
    const made = JSON.parse(readFileSync(new URL('bundles.json', folder), 'utf8'));
    const manifest = readFileSync(new URL(`${made.package}/package.json`, packages), 'utf8');
    if (JSON.parse(manifest).version !== made.version) return new Map();
    const files = Object.entries(made.bundles);
    return new Map(files.map(([name, file]) => [name, new URL(`${file}.mjs`, folder).href]));
  } catch {
    return new Map();
  }
}
