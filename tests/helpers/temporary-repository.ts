import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentReporter } from '../../platform/lib/reporter.ts';
import type { Workspace } from '../../platform/schemas/index.ts';

/** A folder with source files for the engine to read, removed after the test. */
export interface TemporaryRepository {
  readonly root: string;
  readonly workspace: Workspace;
  /** Writes files; the time is set back so that the code cache remembers them. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

export async function createRepository(
  files: Readonly<Record<string, string>> = {},
): Promise<TemporaryRepository> {
  const root = await mkdtemp(join(tmpdir(), 'mainstem-stages-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const repository: TemporaryRepository = {
    root,
    workspace,
    async write(changed) {
      for (const [path, text] of Object.entries(changed)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
        await utimes(join(root, path), new Date(), new Date());
      }
    },
  };
  await repository.write(files);
  return repository;
}
