import { tmpdir } from 'node:os';

/** The folder for temporary files as an error names it: nobody has typed its path. */
export function temporaryFolder(): string {
  return `${tmpdir()} (TMPDIR can name another folder for temporary files)`;
}
