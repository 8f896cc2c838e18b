import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The ids of this process and of all below it, from Linux's own files.
 *
 * @param proc where Linux has them
 * @throws Error where there are no lists of children: better none than half
 */
export function processTree(proc: string): string[] {
  return ['self', ...childrenOf(proc, 'self').flatMap((child) => treeBelow(proc, child))];
}

/** A child may end while one looks. */
function treeBelow(proc: string, id: string): string[] {
  try {
    return [id, ...childrenOf(proc, id).flatMap((child) => treeBelow(proc, child))];
  } catch {
    return [];
  }
}

function childrenOf(proc: string, id: string): string[] {
  const threads = join(proc, id, 'task');
  return readdirSync(threads).flatMap((thread) => {
    const list = readFileSync(join(threads, thread, 'children'), 'utf8');
    return list.split(' ').filter(Boolean);
  });
}
