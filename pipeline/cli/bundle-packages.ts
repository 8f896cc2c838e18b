// Joins packages that consist of hundreds of small modules into a few files, once per installation. Loading TypeBox
// takes 0.2 s otherwise, which is half of a short command, and what the server consists of 0.1 s. Reads node_modules, writes
// node_modules/.cache/bundles/, which platform/lib/use-bundles.js puts in the packages' place. Without these files everything
// works the same, only more slowly.
//   node pipeline/cli/bundle-packages.ts
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OutputChunk, rolldown } from 'rolldown';
import { writeFileAtomic } from '../../platform/lib/files.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { readFile } from '../../platform/lib/read-text.ts';

const root = join(import.meta.dirname, '../..');
const packages = join(root, 'node_modules');
const folder = join(packages, '.cache/bundles');

/** What is imported by these names is bundled together, so that each module of a group exists once. */
const groups = [
  ['typebox', 'typebox/compile', 'typebox/value'],
  [
    ...['fastify', '@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'],
    ...['prom-client', 'helmet'],
  ],
];

await makeFolder(folder);
const made = [];
for (const group of groups) made.push(await bundle(group));
// Last, because it is what makes the bundles count.
await writeFileAtomic(
  join(folder, 'bundles.json'),
  JSON.stringify({ groups: made.map(({ packages, bundles }) => ({ packages, bundles })) }),
);
const kept = new Set(['bundles.json', ...made.flatMap(({ files }) => files)]);
for (const file of await readdir(folder))
  if (!kept.has(file)) await rm(join(folder, file), { force: true });

/** Bundles a group: which packages went into it, by version, and the file of each specifier. */
async function bundle(specifiers: readonly string[]) {
  const input = Object.fromEntries(specifiers.map((name) => [nameOf(name), name]));
  const build = await rolldown({ cwd: root, input, platform: 'node', plugins: [namedExports()] });
  const { output } = await build.generate({
    entryFileNames: '[name]-[hash].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await build.close();
  const chunks = output.filter((file) => file.type === 'chunk');
  for (const { fileName, code } of chunks) {
    // The name holds the content's hash: whatever starts meanwhile may be reading what is there.
    const path = join(folder, fileName);
    if (!existsSync(path)) await writeFileAtomic(path, code);
  }
  const bundles = chunks.flatMap((chunk) => {
    const specifier = chunk.isEntry && input[chunk.name];
    return specifier ? [[specifier, chunk.fileName]] : [];
  });
  return {
    packages: await versionsOf(chunks),
    bundles: Object.fromEntries(bundles),
    files: chunks.map(({ fileName }) => fileName),
  };
}

/** @example nameOf('@fastify/ajv-compiler') // 'fastify-ajv-compiler' */
function nameOf(specifier: string): string {
  return specifier.replace(/^@/, '').replaceAll('/', '-');
}

/** Entries that export by name what Node finds in a CommonJS package: a bundler alone would leave only its default. */
function namedExports() {
  const mark = '\0named:';
  return {
    name: 'named-exports',
    resolveId: (id: string, importer?: string) => (importer ? null : `${mark}${id}`),
    async load(id: string) {
      if (!id.startsWith(mark)) return null;
      const specifier = id.slice(mark.length);
      const names = Object.keys(await import(specifier)).filter(
        (name) => name !== 'module.exports',
      );
      const from = JSON.stringify(fileURLToPath(import.meta.resolve(specifier)));
      return `export { ${names.join(', ')} } from ${from};`;
    },
  };
}

/** The packages that modules are of, below node_modules. */
async function versionsOf(chunks: readonly OutputChunk[]): Promise<Record<string, string>> {
  const paths = chunks.flatMap(({ moduleIds }) =>
    moduleIds.map((id) => relative(packages, id).replaceAll(sep, '/')),
  );
  // One that lies in another's node_modules has its own version.
  const names = paths.flatMap(
    (path) => /^(?!\.\.)(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/@]+(?=\/)/.exec(path)?.[0] ?? [],
  );
  const entries = [...new Set(names)].sort().map(async (name) => {
    const manifest = JSON.parse(await readFile(join(packages, name, 'package.json'), 'utf8'));
    return [name, manifest.version];
  });
  return Object.fromEntries(await Promise.all(entries));
}
