import { createHash, timingSafeEqual } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { hexOf } from '../../platform/lib/hash.ts';
import { readText } from '../../platform/lib/read-text.ts';
import { type AccessKey, parseKeysFile } from '../../platform/schemas/keys-file.ts';

/** The keys of a server, read again whenever their file changes. */
export interface Keys {
  /** Whether there has been a keys file: from then on keys are asked for, even if it disappears. */
  readonly known: boolean;
  /** The last ones that could be read. */
  readonly all: readonly AccessKey[];
  /** Why the file as it is now cannot be used; null if it can. */
  readonly fault: MainstemError | null;
  /** The key of this text, expired or not; null if there is none. */
  find(text: string): AccessKey | null;
  named(name: string): AccessKey | null;
  /** Looks at the file now. */
  refresh(): Promise<void>;
  close(): void;
}

/** Hears about a file that changed. */
export interface KeysReporter {
  /** The keys were read. */
  read(keys: readonly AccessKey[]): void;
  /** The file cannot be used, and the keys from before stay. */
  keep(fault: MainstemError): void;
}

/** Watching a file misses changes behind a link, which is how Kubernetes replaces a secret; asking does not. */
const pollMs = 1000;

/** A key and the bytes that its text is compared by. */
interface Entry {
  readonly key: AccessKey;
  readonly bytes: Buffer;
}

/**
 * Opens a keys file, and looks every second whether it has changed. A file that is damaged or disappears later keeps the
 * keys from before. No file at first is no fault.
 *
 * @throws MainstemError FILE_UNREADABLE, JSON_INVALID, KEYS_FILE_WRITABLE for a file that cannot be used at the start
 */
export async function openKeys(path: string, reporter: KeysReporter): Promise<Keys> {
  let entries: readonly Entry[] = [];
  let known = false;
  let fault: MainstemError | null = null;
  let stamp = '';
  const refresh = async () => {
    const found = await stat(path, { bigint: true }).catch((error: unknown) => codeOf(error));
    const now = stampOf(found);
    if (now === stamp) return;
    stamp = now;
    if (found === 'ENOENT' && !known) return;
    // Somebody wants keys to be asked for, even if nobody can read which.
    known = true;
    try {
      entries = await readEntries(path, found);
      fault = null;
      reporter.read(entries.map(({ key }) => key));
    } catch (error) {
      if (!isMainstemError(error)) throw error;
      fault = error;
      reporter.keep(error);
    }
  };
  await refresh();
  if (fault) throw fault;
  const timer = setInterval(() => void refresh(), pollMs).unref();
  return {
    get known() {
      return known;
    },
    get all() {
      return entries.map(({ key }) => key);
    },
    get fault() {
      return fault;
    },
    find: (text) => findEntry(entries, text),
    named: (name) => entries.find(({ key }) => key.name === name)?.key ?? null,
    refresh,
    close: () => clearInterval(timer),
  };
}

/** Compares with every key, in a time that does not depend on how alike they are. */
function findEntry(entries: readonly Entry[], text: string): AccessKey | null {
  const asked = createHash('sha256').update(text).digest();
  let found: AccessKey | null = null;
  for (const { key, bytes } of entries) if (timingSafeEqual(bytes, asked)) found = key;
  return found;
}

async function readEntries(path: string, found: BigIntStats | string): Promise<Entry[]> {
  if (typeof found === 'object' && (found.mode & 0o002n) !== 0n)
    throw new MainstemError('KEYS_FILE_WRITABLE', { path });
  const { keys } = parseKeysFile(await readText(path), path);
  return keys.map((key) => ({ key, bytes: Buffer.from(hexOf(key.digest), 'hex') }));
}

function stampOf(found: BigIntStats | string): string {
  if (typeof found === 'string') return found;
  const { dev, ino, size, mtimeNs, ctimeNs } = found;
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
