import { relative, sep } from 'node:path';
import { type FileState, readFileState } from './file-state.js';

/** The files that a command has looked at in the repository, in the state in which it found them. */
export interface FileLog {
  /** Looks at a file; null if there is none. @param path relative to the repository, or absolute */
  observe(path: string): FileState | null;
  /** Path relative to the repository → its state at the first look; not settled if a later look found another. */
  readonly found: ReadonlyMap<string, FileState>;
  /** Paths at which there was no file. */
  readonly absent: ReadonlySet<string>;
}

/** Creates an empty log. @param root the repository */
export function createFileLog(root: string): FileLog {
  const found = new Map<string, FileState>();
  const absent = new Set<string>();
  return {
    found,
    absent,
    observe(asked) {
      const path = asked.startsWith(`${root}${sep}`)
        ? relative(root, asked).split(sep).join('/')
        : asked;
      const now = readFileState(root, path);
      const before = found.get(path);
      if (!now) absent.add(path);
      else if (!before) found.set(path, now);
      else if (before.state !== now.state) found.set(path, { ...before, settled: false });
      return now;
    },
  };
}
