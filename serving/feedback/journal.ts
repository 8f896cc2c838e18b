import { createReadStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
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
 * Opens a journal, which need not exist yet. A last line that a killed process left unfinished is ended by the first
 * line that is appended.
 *
 * @param onLine called for every whole line.
 * @throws NodeJS.ErrnoException
 * @example (await openJournal('2026-11-26.jsonl', () => {})).lines // 0 before the first correction of the day
 */
export async function openJournal(path: string, onLine: (line: string) => void): Promise<Journal> {
  const state = await readJournal(path, onLine);
  const textOf = (line: string) => `${state.torn ? '\n' : ''}${line}\n`;
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
    sizeOf: (line) => Buffer.byteLength(textOf(line)),
    async append(line) {
      Object.assign(state, await appendText(path, textOf(line)));
      state.torn = false;
      state.lines += 1;
    },
  };
}

async function readJournal(path: string, onLine: (line: string) => void) {
  if (!existsSync(path)) return { lines: 0, size: 0, taken: 0, torn: false };
  const file = await open(path, 'r');
  try {
    const stats = await file.stat();
    const { size } = stats;
    const last = size === 0 ? 10 : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0];
    let lines = 0;
    for await (const line of createInterface({ input: createReadStream(path) })) {
      if (line === '') continue;
      lines += 1;
      onLine(line);
    }
    return { lines, size, taken: takenBy(stats), torn: last !== 10 };
  } finally {
    await file.close();
  }
}

/** @returns the file's size afterwards, and what it takes on the disk. */
async function appendText(path: string, text: string): Promise<{ size: number; taken: number }> {
  await makeFolder(dirname(path));
  const file = await open(path, 'a');
  try {
    const { size } = await file.stat();
    try {
      await file.appendFile(text);
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
