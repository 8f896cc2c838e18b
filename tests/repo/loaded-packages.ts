import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { parseSync, type Statement } from 'oxc-parser';

/** Reads a source file; a test may plant one. */
export type ReadSource = (path: string) => Promise<string>;

/** A package that a program loads, with the file that asks for it. */
export interface LoadedPackage {
  readonly name: string;
  readonly from: string;
}

/**
 * The packages that running a file loads: its static imports and those of every file that it reaches by
 * them. `import type` loads nothing; `import { type X }` does, for Node strips only the names.
 *
 * @param entries absolute paths.
 */
export async function loadedPackages(
  entries: readonly string[],
  readSource: ReadSource = (path) => readFile(path, 'utf8'),
): Promise<LoadedPackage[]> {
  const seen = new Set<string>();
  const packages: LoadedPackage[] = [];
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const specifier of loadedModules(path, await readSource(path))) {
      if (specifier.startsWith('.')) await visit(join(dirname(path), specifier));
      else if (!isBuiltin(specifier)) packages.push({ name: packageOf(specifier), from: path });
    }
  };
  for (const entry of entries) await visit(entry);
  return packages;
}

function loadedModules(path: string, text: string): string[] {
  if (!/\.[jt]s$/.test(path)) return [];
  return parseSync(path, text).program.body.flatMap((statement) => sourceOf(statement) ?? []);
}

function sourceOf(statement: Statement): string | undefined {
  switch (statement.type) {
    case 'ImportDeclaration':
      return statement.importKind === 'type' ? undefined : statement.source.value;
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return statement.exportKind === 'type' ? undefined : statement.source?.value;
    default:
      return undefined;
  }
}

/** `@fastify/multipart/x` → `@fastify/multipart`; `typebox/value` → `typebox`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
