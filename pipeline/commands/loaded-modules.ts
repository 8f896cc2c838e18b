import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createFileLog, type FileLog } from '../lib/file-log.ts';

/*
 * Which of the repository's modules this process has loaded: whatever a command prints can depend on these and
 * on no others. Loads only what notes them, so that nothing is loaded before the watch begins.
 */

let log: FileLog | null = null;

/** Loaded before the watch can begin. */
const own = ['./loaded-modules.ts', '../lib/file-log.ts', '../lib/file-state.js'];

/**
 * Notes each module of the repository that is loaded from now on, as it is when it is loaded.
 *
 * @param before files that were loaded already, beside this one and what it imports
 */
export function watchLoading(root: string, before: readonly string[]): void {
  const watched = createFileLog(root);
  log = watched;
  const loaded = own.map((path) => fileURLToPath(import.meta.resolve(path)));
  for (const path of [...before, ...loaded]) watched.look(path);
  registerHooks({
    load(url, context, next) {
      if (isOurs(url)) watched.look(fileURLToPath(url));
      return next(url, context);
    },
  });
}

/** The log that modules are noted in; null if this process does not watch. */
export function loadedModules(): FileLog | null {
  return log;
}

/** Packages count by their versions. */
function isOurs(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/');
}
