import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Static, Type } from 'typebox';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { namePath } from '../../../platform/lib/files.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { parseIntact } from '../../../platform/lib/parse-intact.ts';
import { readFile } from '../../../platform/lib/read-text.ts';
import { temporaryBeside } from '../../../platform/lib/temporary.ts';
import { writeFile } from '../../../platform/lib/write-file.ts';
import { DigestSchema } from '../../../platform/schemas/index.ts';

/** The file of an exported page that lists the others. */
export const listName = 'export.json';

/** What an exported page consists of. */
export const ExportList = Type.Object({
  version: Type.Literal(1),
  model: Type.String(),
  run: Type.String(),
  /** Of all files: what differs between two exports. */
  page: DigestSchema,
  files: Type.Array(
    Type.Object({ path: Type.String(), bytes: Type.Integer(), digest: DigestSchema }),
  ),
});
export type ExportList = Static<typeof ExportList>;

/**
 * Checks that a folder may be replaced: there is nothing, it is empty, or it is an earlier export to which nobody has added
 * anything.
 *
 * @throws MainstemError OUTPUT_TAKEN
 */
export async function assertReplaceable(folder: string): Promise<void> {
  const found = await lstat(folder).catch(ifMissing);
  if (!found) return;
  const taken = (reason: string) => new MainstemError('OUTPUT_TAKEN', { path: folder, reason });
  if (!found.isDirectory()) throw taken('it is there already, and is not a folder');
  const names = await readdir(folder);
  if (names.length === 0) return;
  const list = await readList(folder);
  if (!list) throw taken('the folder is not empty, and no export wrote it');
  const own = new Set([listName, ...list.files.map(({ path }) => path)]);
  const foreign = names.find((name) => !own.has(name));
  if (foreign !== undefined) throw taken(`the folder holds ${foreign}, which no export wrote`);
}

/**
 * Writes a folder beside its place, then renames it: who reads the place finds the old files or the new ones.
 *
 * @throws NodeJS.ErrnoException with a path; nothing is left behind then
 */
export async function placeFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const temporary = temporaryBeside(folder);
  try {
    await makeFolder(dirname(folder));
    await makeFolder(temporary);
    for (const [path, content] of files) await writeFile(join(temporary, path), content);
    await exchange(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw namePath(error, folder);
  }
}

/** Puts the new folder in the place of the old one, which comes back if that fails. */
async function exchange(made: string, folder: string): Promise<void> {
  const old = temporaryBeside(folder);
  const wasThere = await rename(folder, old).then(() => true, ifMissing);
  try {
    await rename(made, folder);
  } catch (error) {
    if (wasThere) await rename(old, folder);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

async function readList(folder: string): Promise<ExportList | null> {
  const path = join(folder, listName);
  const text = await readFile(path, 'utf8').catch(ifMissing);
  if (text === undefined) return null;
  return parseIntact(text, ExportList, path);
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
