import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { readJson } from '../../lib/json-file.ts';
import { writeFile } from '../../lib/write-file.ts';
import type { Remote } from './remote.ts';

/*
 * Deleting from a remote takes two steps, so that it never takes away what a running push relies on: gc first names what
 * nobody needs, and deletes it days later if still nobody does. In between, a push does not count it as there.
 */

/** What one gc found that nobody needs. */
export const CondemnedKeys = Type.Object({
  version: Type.Literal(1),
  /** Milliseconds. */
  since: Type.Integer(),
  keys: Type.Array(Type.String()),
});
export type CondemnedKeys = Static<typeof CondemnedKeys>;

const folder = 'condemned/';

/** Every condemned key, with the time since when, in milliseconds. */
export async function readCondemned(
  remote: Remote,
  keys: ReadonlySet<string>,
): Promise<Map<string, number>> {
  const condemned = new Map<string, number>();
  for (const key of keys) {
    if (!key.startsWith(folder)) continue;
    const list = await downloadList(remote, key);
    for (const each of list.keys) {
      // Named again later, it waits again: a push has relied on it in between.
      condemned.set(each, Math.max(list.since, condemned.get(each) ?? 0));
    }
  }
  return condemned;
}

/** Writes down what is condemned from now on. */
export async function condemn(
  remote: Remote,
  keys: readonly string[],
  since: number,
): Promise<void> {
  const list: CondemnedKeys = { version: 1, since, keys: [...keys] };
  await inTemporaryFolder(async (path) => {
    await writeFile(path, JSON.stringify(list));
    await remote.upload(`${folder}${since}-${randomBytes(4).toString('hex')}.json`, path);
  });
}

/** Drops the lists, whose keys are deleted or listed again. */
export async function forgetCondemned(remote: Remote, keys: Iterable<string>): Promise<void> {
  for (const key of keys) if (key.startsWith(folder)) await remote.remove(key);
}

async function downloadList(remote: Remote, key: string): Promise<CondemnedKeys> {
  return inTemporaryFolder(async (path) => {
    await remote.download(key, path);
    return readJson(path, CondemnedKeys);
  });
}

async function inTemporaryFolder<T>(work: (path: string) => Promise<T>): Promise<T> {
  const temporary = await mkdtemp(join(tmpdir(), 'mainstem-condemned-'));
  try {
    return await work(join(temporary, 'list.json'));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
