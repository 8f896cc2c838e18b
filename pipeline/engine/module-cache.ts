import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { writeFileAtomic } from '../../platform/lib/files.ts';
import { digestBytes } from '../../platform/lib/hash.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { DigestSchema, nullable } from '../../platform/schemas/index.ts';
import { type ModuleFacts, readModule } from './module.ts';

/** Facts about source files, parsed once per content and remembered between commands. */
export interface ModuleCache {
  /** The facts about a file; null if there is no such file. @throws MainstemError CODE_INVALID */
  facts(path: string): Promise<ModuleFacts | null>;
  /** Writes the cache if it has changed. */
  save(): Promise<void>;
}

/** Increase it whenever the same file would give other facts than before. */
const format = 1;

/** Files changed more recently than this are not remembered: a second change could leave size and time the same. */
const settledMs = 50;

const CacheFile = Type.Object({
  format: Type.Literal(format),
  files: Type.Record(
    Type.String(),
    Type.Object({
      bytes: Type.Integer(),
      changed: Type.Number(),
      facts: Type.Object({
        digest: DigestSchema,
        references: Type.Array(
          Type.Object({
            from: Type.String(),
            names: nullable(Type.Array(Type.String())),
            maybe: Type.Optional(Type.Literal(true)),
          }),
        ),
        reExports: nullable(
          Type.Array(
            Type.Object({ name: Type.String(), imported: Type.String(), from: Type.String() }),
          ),
        ),
      }),
    }),
  ),
});

/** Path → facts about the file. */
type KnownFiles = Record<string, { bytes: number; changed: number; facts: ModuleFacts }>;

/** Opens `<root>/.mainstem/code.json`; a missing or broken file counts as an empty cache. */
export async function openModuleCache(root: string): Promise<ModuleCache> {
  const path = join(root, '.mainstem', 'code.json');
  const files = await readKnownFiles(path);
  let learned = false;
  return {
    async facts(file) {
      const found = await stat(join(root, file)).catch(() => null);
      if (!found?.isFile()) return null;
      // ctime too: it changes with every write, even if a tool restores mtime.
      const changed = Math.max(found.mtimeMs, found.ctimeMs);
      const known = files[file];
      if (known?.bytes === found.size && known.changed === changed) return known.facts;
      const facts = await factsOf(root, file);
      if (Date.now() - changed > settledMs) {
        files[file] = { bytes: found.size, changed, facts };
        learned = true;
      }
      return facts;
    },
    save: async () => {
      if (learned) await writeFileAtomic(path, JSON.stringify({ format, files }));
      learned = false;
    },
  };
}

async function readKnownFiles(path: string): Promise<KnownFiles> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return parseJson(text, CacheFile, path).files;
  } catch {
    return {};
  }
}

/** Source is parsed; anything else (JSON, WebAssembly) counts byte by byte. */
async function factsOf(root: string, file: string): Promise<ModuleFacts> {
  const bytes = await readFile(join(root, file));
  if (/\.[cm]?[jt]sx?$/.test(file)) return readModule(file, bytes.toString('utf8'));
  return { digest: digestBytes(bytes), references: [], reExports: null };
}
