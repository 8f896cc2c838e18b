import { join } from 'node:path';
import { Type } from 'typebox';
import { dictionary } from '../../platform/lib/dictionary.ts';
import { createFileLog, type FileLog } from '../../platform/lib/file-log.ts';
import { writeCacheFile } from '../../platform/lib/files.ts';
import { digestBytes } from '../../platform/lib/hash.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { type ModuleFacts, parseModule } from '../../platform/lib/parse-module.ts';
import { readFile, readText } from '../../platform/lib/read-text.ts';
import { DigestSchema, nullable } from '../../platform/schemas/index.ts';

/** Facts about source files, parsed once per content and remembered between commands. */
export interface ModuleCache {
  /** The facts about a file; null if there is no such file. @throws MainstemError CODE_INVALID */
  facts(path: string): Promise<ModuleFacts | null>;
  /** Writes the cache if it has changed and can be written. */
  save(): Promise<void>;
}

/** Increase it whenever the same file would give other facts than before. */
const format = 2;

const CacheFile = Type.Object({
  format: Type.Literal(format),
  files: dictionary(
    Type.Object({
      state: Type.String(),
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
type KnownFiles = Record<string, { state: string; facts: ModuleFacts }>;

/**
 * Opens `<root>/.mainstem/code.json`; a missing or broken file counts as an empty cache.
 *
 * @param log where each look at a file is noted
 */
export async function openModuleCache(
  root: string,
  log: FileLog = createFileLog(root),
): Promise<ModuleCache> {
  const path = join(root, '.mainstem', 'code.json');
  const files = await readKnownFiles(path);
  let learned = false;
  return {
    async facts(file) {
      const found = log.observe(file);
      if (!found) return null;
      const known = files[file];
      if (known?.state === found.state) return known.facts;
      const facts = await factsOf(root, file);
      // A file that has just changed could change again and look the same: it is not remembered.
      if (found.settled) {
        files[file] = { state: found.state, facts };
        learned = true;
      }
      return facts;
    },
    save: async () => {
      if (learned) await writeCacheFile(path, JSON.stringify({ format, files }));
      learned = false;
    },
  };
}

async function readKnownFiles(path: string): Promise<KnownFiles> {
  const text = await readText(path).catch(() => '');
  try {
    return parseJson(text, CacheFile, path).files;
  } catch {
    return {};
  }
}

/** Source is parsed; anything else (JSON, WebAssembly) counts byte by byte. */
async function factsOf(root: string, file: string): Promise<ModuleFacts> {
  const bytes = await readFile(join(root, file));
  if (/\.[cm]?[jt]sx?$/.test(file)) return parseModule(file, bytes.toString('utf8'));
  return { digest: digestBytes(bytes), references: [], reExports: null };
}
