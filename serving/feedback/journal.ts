import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { syncFolder } from '../../platform/lib/files.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { measureRoom, type Room, takenBy } from './space.ts';

/** A file of one JSON value a line, to which one process appends. */
export interface Journal {
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes that it takes on the disk. */
  readonly taken: number;
  /** Lines that were read or appended. */
  readonly lines: number;
  /** The bytes that a line would add. */
  sizeOf(line: string): number;
  /** Appends a line and waits until the disk has it; a line that cannot be written leaves no trace. */
  append(line: string): Promise<void>;
}

/**
 * Opens a journal, which need not exist yet. A last line that a killed process or a full disk left unfinished is ended by the
 * next line that is appended.
 *
 * @param onLine called for every whole line.
 * @throws NodeJS.ErrnoException
 * @example (await openJournal('2026-11-26.jsonl', () => {})).lines // 0 before the first correction of the day
 */
export async function openJournal(path: string, onLine: (line: string) => void): Promise<Journal> {
  const state = await readJournal(path, onLine);
  return {
    get size() {
      return state.size;
    },
    get taken() {
      return state.taken;
    },
    get lines() {
      return state.lines;
    },
    // One more may be needed to end a line that is torn.
    sizeOf: (line) => Buffer.byteLength(line) + 2,
    async append(line) {
      const { size, taken } = await appendLines(path, [line]);
      Object.assign(state, { size, taken });
      state.lines += 1;
    },
  };
}

async function readJournal(path: string, onLine: (line: string) => void) {
  const file = await openFile(path, constants.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return { lines: 0, size: 0, taken: 0 };
  try {
    const stats = await file.stat();
    let lines = 0;
    const input = file.createReadStream({ autoClose: false });
    for await (const line of createInterface({ input })) {
      if (line === '') continue;
      lines += 1;
      onLine(line);
    }
    return { lines, size: stats.size, taken: takenBy(stats) };
  } finally {
    await file.close();
  }
}

/**
 * Appends lines to a file, which need not exist yet, and waits until the disk has them. A torn last line is ended first; what
 * cannot be written leaves no trace.
 *
 * @param kept what the disk must have left afterwards, as far as the caller does not see to that itself
 * @returns the file's size afterwards, what it takes on the disk, and when it changed
 * @throws NodeJS.ErrnoException ENOSPC where the disk would have less left, too
 * @example await appendLines('2026-11-26.jsonl', ['{"a":1}']) // { size: 8, taken: 4096, changedMs: 1764194400000 }
 */
export async function appendLines(
  path: string,
  lines: readonly string[],
  kept: Room = { bytes: 0, files: 0 },
): Promise<{ size: number; taken: number; changedMs: number }> {
  const folder = dirname(path);
  const text = lines.map((line) => `${line}\n`).join('');
  await makeFolder(folder);
  await assertRoom(folder, Buffer.byteLength(text), kept);
  const file = await openFile(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT);
  try {
    const { size } = await file.stat();
    try {
      await file.appendFile(`${(await isTorn(file, size)) ? '\n' : ''}${text}`);
      await file.sync();
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
    if (size === 0) await syncFolder(folder);
    const after = await file.stat();
    return { size: after.size, taken: takenBy(after), changedMs: after.mtimeMs };
  } finally {
    await file.close();
  }
}

async function assertRoom(folder: string, bytes: number, kept: Room): Promise<void> {
  if (kept.bytes === 0 && kept.files === 0) return;
  const room = await measureRoom(folder);
  if (room.bytes - bytes >= kept.bytes && room.files > kept.files) return;
  throw Object.assign(new Error('the disk is nearly full'), { code: 'ENOSPC', syscall: 'statfs' });
}

/** Opens a file, and nothing else: a pipe would wait for its other end, without an end. */
async function openFile(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags | (constants.O_NONBLOCK ?? 0));
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw Object.assign(new Error('not a file'), { code: 'ENOTFILE', syscall: 'open', path });
}

async function isTorn(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}
