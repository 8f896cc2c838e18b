import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createFileLog, type FileLog } from '../../platform/lib/file-log.ts';

/*
 * Which of the repository's modules this process has loaded: whatever a command prints can depend on these and
 * on no others. This file imports only what it needs to note them, so that nothing is loaded unnoticed.
 */

let log: FileLog | null = null;

/** Loaded before the watch can begin. */
const own = [
  './loaded-modules.ts',
  '../../platform/lib/file-log.ts',
  '../../platform/lib/file-state.js',
];

/**
 * Notes each module of the repository that is loaded from now on, in the state in which it is loaded.
 *
 * @param before files that were loaded already, apart from this one and those that it imports
 */
export function watchLoading(root: string, before: readonly string[]): void {
  const watched = createFileLog(root);
  log = watched;
  const loaded = own.map((path) => fileURLToPath(import.meta.resolve(path)));
  for (const path of [...before, ...loaded]) watched.observe(path);
  registerHooks({
    load(url, context, next) {
      if (isOurs(url)) watched.observe(fileURLToPath(url));
      return next(url, context);
    },
  });
}

/** The log in which modules are noted; null if this process does not watch. */
export function loadedModules(): FileLog | null {
  return log;
}

/** Packages are left out: their versions are compared instead. */
function isOurs(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/');
}
