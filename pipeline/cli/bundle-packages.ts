// Joins packages that consist of hundreds of small modules into a few files, once per installation. Loading TypeBox
// takes 0.2 s otherwise, which is half of a short command. Reads node_modules, writes node_modules/.cache/bundles/, which
// platform/lib/use-bundles.js puts in the packages' place. Without these files everything works the same, only more slowly.
//   node pipeline/cli/bundle-packages.ts
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { writeFileAtomic } from '../../platform/lib/files.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'node_modules/.cache/bundles');

/** Specifier → name of its bundle. All of one package are bundled together, so that each module exists once. */
const bundles = {
  typebox: 'typebox',
  'typebox/compile': 'typebox-compile',
  'typebox/value': 'typebox-value',
} as const;

const entries = Object.entries(bundles).map(([specifier, name]) => [name, specifier] as const);
// Whatever starts meanwhile loads the packages themselves, not half of these files.
await rm(folder, { recursive: true, force: true });
const bundle = await rolldown({ cwd: root, input: Object.fromEntries(entries), platform: 'node' });
await bundle.write({
  dir: folder,
  entryFileNames: '[name].mjs',
  chunkFileNames: '[name]-[hash].mjs',
});
await bundle.close();
const manifest = await readFile(join(root, 'node_modules/typebox/package.json'), 'utf8');
// Last, because it is what makes the bundles count.
await writeFileAtomic(
  join(folder, 'bundles.json'),
  JSON.stringify({ package: 'typebox', version: JSON.parse(manifest).version, bundles }),
);
