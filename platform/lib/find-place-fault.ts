import { posix } from 'node:path';
import { isPathText } from './file-names.ts';

/**
 * Why nothing that is not code may be written to a path in a repository, as the end of a sentence; null for almost every path.
 * What is wrong on one system is wrong on all: a lock travels.
 *
 * @param path relative to the repository
 * @example findPlaceFault('../data') // 'but must be relative to the repository and inside it'
 * @example findPlaceFault('.GIT/config') // 'but .git is not for data'
 */
export function findPlaceFault(path: string): string | null {
  if (!isInside(path) || path.startsWith('~')) {
    return 'but must be relative to the repository and inside it';
  }
  if (!isPathText(path)) return 'but has a character that no path can have';
  const parts = path.split(/[/\\]/).map(plainName);
  const reserved = parts.find((name) => notForData.has(name));
  return reserved === undefined ? null : `but ${notForData.get(reserved)} is not for data`;
}

/** Git's own folder, from which it runs what stands there, the store, and code that others wrote. */
const notForData: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '.git': ['git~1'],
    '.mainstem': ['mainst~1'],
    node_modules: ['node_m~1'],
  }).flatMap(([name, others]) => [name, ...others].map((one): [string, string] => [one, name])),
);

/**
 * A name as Windows and macOS take it: in any case, without invisible characters, dots and blanks at the end, and what follows a
 * colon (https://github.com/git/git/blob/master/path.c, `verify_path`).
 */
function plainName(part: string): string {
  const [name = ''] = part.replaceAll(/\p{Cf}/gu, '').split(':');
  return name.replace(/[. ]+$/, '').toLowerCase();
}

/** Whether a path leads to a place below the folder that it starts from, on every system. */
function isInside(path: string): boolean {
  if (/^([a-z]:|[/\\])/i.test(path)) return false;
  let depth = 0;
  for (const part of path.split(/[/\\]/)) {
    if (part === '..') depth -= 1;
    else if (part.trim() !== '' && part !== '.') depth += 1;
    if (depth < 0) return false;
  }
  return depth > 0 && posix.normalize(path) !== '.';
}
