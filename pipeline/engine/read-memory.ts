import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processTree } from './process-tree.ts';

/**
 * Memory that this process and all below it hold now, in bytes: what each has of its own, and what the largest has in
 * common with files (the program itself), which is counted once. From Linux's own files.
 *
 * @param proc where Linux has them, for tests
 * @returns null on a machine without them
 */
export function readMemory(proc = '/proc'): number | null {
  try {
    const all = processTree(proc).map((id) => memoryOf(proc, id));
    const own = all.reduce((sum, { anonymous }) => sum + anonymous, 0);
    return own + Math.max(...all.map(({ ofFiles }) => ofFiles));
  } catch {
    return null;
  }
}

/** @throws Error of the process at the top, if it is not there; a child may end while one looks. */
function memoryOf(proc: string, id: string): { anonymous: number; ofFiles: number } {
  const status = readStatus(proc, id);
  const bytesOf = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { anonymous: bytesOf('RssAnon') + bytesOf('RssShmem'), ofFiles: bytesOf('RssFile') };
}

function readStatus(proc: string, id: string): string {
  try {
    return readFileSync(join(proc, id, 'status'), 'utf8');
  } catch (error) {
    if (id === 'self') throw error;
    return '';
  }
}
