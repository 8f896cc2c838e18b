import { readlink, realpath, stat } from 'node:fs/promises';
import { createAccessKey, digestAccessKey } from '../../platform/lib/access-key.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { readTextIfThere } from '../../platform/lib/read-text.ts';
import { turnPath, withTurn } from '../../platform/lib/turn.ts';
import { writeSecretFile } from '../../platform/lib/write-secret-file.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import { type AccessKey, parseKeysFile } from '../../platform/schemas/keys-file.ts';

/** What is asked for a new key. */
export type KeyRequest = Pick<AccessKey, 'name' | 'scopes' | 'expiresAt' | 'rate'>;

/** A key that was just made: the only time that anybody sees its text. */
export interface NewKey {
  readonly text: string;
  readonly entry: AccessKey;
}

/** The keys of a file; none if there is no file. @throws MainstemError FILE_UNREADABLE, JSON_INVALID */
export async function readKeys(path: string): Promise<readonly AccessKey[]> {
  const text = await readTextIfThere(path);
  return text === null ? [] : parseKeysFile(text, path).keys;
}

/**
 * Makes a key and adds its digest to a keys file, which is created if it is missing.
 *
 * @param hand gives the key to whoever asked, when it is on the disk and before it counts: one that nobody saw would be
 *   accepted forever, and one that could not be stored never
 * @throws whatever `hand` throws, when nothing was added; MainstemError KEY_NAME_TAKEN, KEYS_FILE_WRITABLE,
 *   FILE_UNREADABLE, JSON_INVALID; NodeJS.ErrnoException
 */
export async function addKey(
  workspace: Workspace,
  path: string,
  request: KeyRequest,
  now: Date,
  hand: (key: NewKey) => Promise<void> = async () => {},
): Promise<NewKey> {
  const text = createAccessKey();
  const digest = digestAccessKey(text);
  const entry = { ...request, digest, createdAt: now.toISOString() };
  const settle = () => hand({ text, entry });
  const add = (keys: readonly AccessKey[]) => {
    if (keys.some(({ name }) => name === entry.name))
      throw new MainstemError('KEY_NAME_TAKEN', { name: entry.name });
    return [...keys, entry];
  };
  await changeKeys(workspace, path, add, settle);
  return { text, entry };
}

/** Removes a key from a keys file. @throws MainstemError KEY_UNKNOWN, FILE_UNREADABLE, JSON_INVALID; NodeJS.ErrnoException */
export async function revokeKey(workspace: Workspace, path: string, name: string): Promise<void> {
  await changeKeys(workspace, path, (keys) => {
    const left = keys.filter((key) => key.name !== name);
    if (left.length < keys.length) return left;
    const known = keys.map((key) => key.name).join(', ') || 'none';
    throw new MainstemError('KEY_UNKNOWN', { name, known });
  });
}

async function changeKeys(
  { root, reporter, signal }: Workspace,
  path: string,
  change: (keys: readonly AccessKey[]) => readonly AccessKey[],
  settle?: () => Promise<void>,
): Promise<void> {
  const waiting = 'Another command changes the keys; waiting for it.';
  const turn = { path: turnPath(root, 'keys'), waiting, reporter, signal, optional: true };
  await withTurn(turn, async () => {
    const file = await fileBehind(path);
    const known = await readKeys(file);
    const mode = await modeOf(file);
    const keys = change(known);
    const text = `${JSON.stringify({ version: 1, keys }, null, 2)}\n`;
    await writeSecretFile(file, text, { mode, ...(settle && { settle }) });
  });
}

/** A link stays one, since a server may read the file behind it by another name. */
async function fileBehind(path: string): Promise<string> {
  const link = await readlink(path).catch(() => null);
  return link === null ? path : realpath(path);
}

/**
 * Where a server's user reads the file by its group, that stays so.
 *
 * @throws MainstemError KEYS_FILE_WRITABLE where others may have written keys into it
 */
async function modeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found && (found.mode & 0o002) !== 0) throw new MainstemError('KEYS_FILE_WRITABLE', { path });
  return found ? (found.mode & 0o640) | 0o600 : 0o600;
}
