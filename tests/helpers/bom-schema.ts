import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Compile } from 'typebox/schema';

/** The checker of CycloneDX's own schema, with those that it refers to. */
export function compileBomSchema(version: '1.6' | '1.7') {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@cyclonedx/cyclonedx-library');
  const folder = `${entry.slice(0, entry.lastIndexOf('/cyclonedx-library/'))}/cyclonedx-library/res/schema`;
  const read = (name: string) =>
    JSON.parse(readFileSync(`${folder}/${name}.SNAPSHOT.schema.json`, 'utf8'));
  // They call each other by the names of their files, whose own `$id` they do not have.
  const others = ['spdx', 'jsf-0.82', 'cryptography-defs'].flatMap((name) => {
    const { $id, ...schema } = read(name);
    return [$id, `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`].map(
      (id: string) => [id, { ...schema, $id: id }] as const,
    );
  });
  const context = Object.fromEntries(others);
  return Compile(context, read(`bom-${version}`));
}
