import { join } from 'node:path';
import { writeFileAtomic } from '../../platform/lib/files.ts';
import { git } from '../../platform/lib/git.ts';
import { test as base } from './folder.ts';

/** A real git repository in a temporary folder. */
export interface Repository {
  readonly root: string;
  /** Writes files (path → text) without committing. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Commits everything and returns the commit. */
  commit(message: string): Promise<string>;
}

/** A test with a fresh `repository` on branch `main`. */
export const test = base.extend<{ repository: Repository }>({
  repository: async ({ folder }, use) => {
    await git(folder, 'init', '--quiet', '--initial-branch=main');
    await git(folder, 'config', 'user.name', 'Test');
    await git(folder, 'config', 'user.email', 'test@example.org');
    await git(folder, 'config', 'commit.gpgsign', 'false');
    await use(openRepository(folder));
  },
});

function openRepository(root: string): Repository {
  return {
    root,
    write: async (files) => {
      for (const [path, text] of Object.entries(files))
        await writeFileAtomic(join(root, path), text);
    },
    commit: async (message) => {
      await git(root, 'add', '--all');
      await git(root, 'commit', '--quiet', '--allow-empty', '-m', message);
      return git(root, 'rev-parse', 'HEAD');
    },
  };
}
