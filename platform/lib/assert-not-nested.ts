import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MainstemError } from './errors.ts';

/**
 * Refuses a folder that is not a repository itself but lies inside one: git would answer with the other's history, in
 * which the folder's files have other paths. A folder outside any repository is let through.
 *
 * @param root an absolute path without links
 * @throws MainstemError GIT_NESTED
 */
export function assertNotNested(root: string): void {
  if (existsSync(join(root, '.git'))) return;
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) {
      throw new MainstemError('GIT_NESTED', { path: root, repository: folder });
    }
    if (folder === dirname(folder)) return;
  }
}
