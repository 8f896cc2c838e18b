import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { hexOf } from '../../platform/lib/hash.ts';
import { readText } from '../../platform/lib/read-text.ts';
import { type AccessKey, parseKeysFile } from '../../platform/schemas/keys-file.ts';
import { stampOf } from '../stamp-of.ts';

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

/** Keys by what {@link placeOf} makes of their digests. */
type Entries = ReadonlyMap<string, { readonly key: AccessKey; readonly digest: Buffer }>;

/** Of this process alone. */
const blinding = randomBytes(32);

/**
 * Where a digest stands among the others. Nobody outside can say which digests are near each other there, so how long a look
 * takes says nothing about the keys, and it takes as long for a thousand as for one.
 */
const placeOf = (digest: Buffer) => createHmac('sha256', blinding).update(digest).digest('base64');

/**
 * Opens a keys file, and looks every second whether it has changed. A file that is damaged or disappears later keeps the
 * keys from before. No file at first is no fault.
 *
 * @throws MainstemError FILE_UNREADABLE, JSON_INVALID, KEYS_FILE_WRITABLE for a file that cannot be used at the start
 */
export async function openKeys(path: string, reporter: KeysReporter): Promise<Keys> {
  let entries: Entries = new Map();
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
      reporter.read(keysOf(entries));
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
      return keysOf(entries);
    },
    get fault() {
      return fault;
    },
    find: (text) => findEntry(entries, text),
    named: (name) => keysOf(entries).find((key) => key.name === name) ?? null,
    refresh,
    close: () => clearInterval(timer),
  };
}

const keysOf = (entries: Entries) => [...entries.values()].map(({ key }) => key);

function findEntry(entries: Entries, text: string): AccessKey | null {
  const asked = createHash('sha256').update(text).digest();
  const found = entries.get(placeOf(asked));
  return found && timingSafeEqual(found.digest, asked) ? found.key : null;
}

async function readEntries(path: string, found: BigIntStats | string): Promise<Entries> {
  const text = await readText(path);
  if (typeof found === 'object' && (found.mode & 0o002n) !== 0n)
    throw new MainstemError('KEYS_FILE_WRITABLE', { path });
  const { keys } = parseKeysFile(text, path);
  const entries = keys.map((key) => {
    const digest = Buffer.from(hexOf(key.digest), 'hex');
    return [placeOf(digest), { key, digest }] as const;
  });
  return new Map(entries);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
