import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { writeFile } from '../../platform/lib/write-file.ts';
import { stampOf } from '../stamp-of.ts';

/** The sessions that were ended before their time. */
export interface EndedSessions {
  has(id: string): boolean;
  /**
   * Remembers a session until it would have expired anyway, in all processes that look at the same folder.
   *
   * @throws NodeJS.ErrnoException where only this process can know of it
   */
  add(session: { readonly id: string; readonly expires: number }, nowMs: number): Promise<void>;
  close(): void;
}

/** As often as access keys are looked at. */
const pollMs = 1000;
/** Of more than these the ones that expire first are forgotten. */
const mostEnded = 10_000;

/**
 * Opens the list of ended sessions. Each is an empty file whose name says when it may be forgotten: several processes make and remove
 * such files without waiting for one another.
 *
 * @param folder null for a process whose cookies no other knows: then its memory is enough
 */
export async function openEndedSessions(
  folder: string | null,
  most = mostEnded,
): Promise<EndedSessions> {
  const own = new Map<string, number>();
  let found: ReadonlyMap<string, number> = new Map();
  let stamp = '';
  const refresh = async () => {
    if (folder === null) return;
    const now = await stat(folder, { bigint: true }).then(stampOf, () => '');
    if (now === stamp) return;
    const names = await readdir(folder).catch(() => null);
    // What cannot be read now is asked again, and until then what was known counts.
    if (names === null) return;
    stamp = now;
    found = new Map(names.map(parseName).filter((each) => each !== null));
  };
  await refresh();
  const timer = setInterval(() => void refresh(), pollMs).unref();
  return {
    has: (id) => own.has(id) || found.has(id),
    async add({ id, expires }, nowMs) {
      own.set(id, expires);
      for (const old of outdated(own, most, nowMs)) own.delete(old);
      if (folder === null) return;
      await makeFolder(folder);
      await writeFile(join(folder, nameOf(id, expires)), '');
      const known = new Map([...found, [id, expires]]);
      for (const old of outdated(known, most, nowMs))
        await rm(join(folder, nameOf(old, known.get(old) ?? 0)), { force: true });
    },
    close: () => clearInterval(timer),
  };
}

/** What has expired, and of too many what expires first. */
function outdated(sessions: ReadonlyMap<string, number>, most: number, nowMs: number): string[] {
  const left = [...sessions].filter(([, expires]) => expires > nowMs).sort(([, a], [, b]) => b - a);
  const kept = new Set(left.slice(0, most).map(([id]) => id));
  return [...sessions.keys()].filter((id) => !kept.has(id));
}

const nameOf = (id: string, expires: number) => `${expires}.${id}`;

/** Whatever else lies in the folder is left aside. */
function parseName(name: string): [id: string, expires: number] | null {
  const [, expires, id] = /^(\d{1,15})\.([\w-]{22})$/.exec(name) ?? [];
  return id === undefined ? null : [id, Number(expires)];
}
