import { relative, sep } from 'node:path';
import { type FileState, readFileState } from './file-state.js';

/** What a command looked at in the repository, as it was when it looked. */
export interface FileLog {
  /** Looks at a file; null if there is none. @param path relative to the repository, or absolute */
  look(path: string): FileState | null;
  /** Path relative to the repository → what was there; not settled if it differed between two looks. */
  readonly found: ReadonlyMap<string, FileState>;
  /** Where there was no file. */
  readonly absent: ReadonlySet<string>;
}

/** Creates an empty log. @param root the repository */
export function createFileLog(root: string): FileLog {
  const found = new Map<string, FileState>();
  const absent = new Set<string>();
  return {
    found,
    absent,
    look(asked) {
      const path = asked.startsWith(root) ? relative(root, asked).split(sep).join('/') : asked;
      const now = readFileState(root, path);
      const before = found.get(path);
      if (!now) absent.add(path);
      else if (!before) found.set(path, now);
      else if (before.state !== now.state) found.set(path, { ...before, settled: false });
      return now;
    },
  };
}
