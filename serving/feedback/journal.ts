import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { syncFolder } from '../../platform/lib/files.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { takenBy } from './space.ts';

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
      Object.assign(state, await appendLine(path, line));
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

/** @returns the file's size afterwards, and what it takes on the disk. */
async function appendLine(path: string, line: string): Promise<{ size: number; taken: number }> {
  await makeFolder(dirname(path));
  const file = await openFile(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT);
  try {
    const { size } = await file.stat();
    try {
      await file.appendFile(`${(await isTorn(file, size)) ? '\n' : ''}${line}\n`);
      await file.sync();
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
    if (size === 0) await syncFolder(dirname(path));
    const after = await file.stat();
    return { size: after.size, taken: takenBy(after) };
  } finally {
    await file.close();
  }
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
