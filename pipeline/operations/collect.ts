import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import { listFiles } from '../../platform/lib/files.ts';
import { runProjectCode, type SuddenEnd } from '../../platform/lib/project-code.ts';
import { projectsReading, withDataTurn } from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';

/** What `collect` left at the project's data path, or where the rows are that features are joined to. */
export interface Collected {
  readonly project: string;
  readonly path: string;
  readonly files: number;
  /** The other projects that have this in their data. */
  readonly others: readonly string[];
}

/**
 * Makes or fetches a project's data and reports progress; data that already exists is kept.
 *
 * @param harvest what the project's `collect` is to add; left out, the project's default
 * @throws MainstemError COLLECT_MISSING for a project without a `collect`, INTERRUPTED
 */
export async function collectProject(
  { workspace, project: { definition } }: ProjectContext,
  harvest?: string,
): Promise<Collected> {
  const { root, reporter, signal } = workspace;
  const { name, task } = definition;
  if (!definition.collect) throw new MainstemError('COLLECT_MISSING', { name });
  const unit = task === 'image-classification' ? 'photos' : 'rows';
  let progress: ReturnType<typeof reporter.progress> | undefined;
  const onProgress = (done: number, total: number) => {
    progress ??= reporter.progress(`Collecting ${name}`, total, unit);
    progress.update(done);
  };
  const { collect, features, data } = definition;
  const { path } = features?.rows ?? data;
  try {
    await withDataTurn(workspace, path, async () => {
      await runProjectCode(
        (end) =>
          new MainstemError('PROJECT_INVALID', { name, where: 'collect', reason: endings[end] }),
        async () => collect({ root, onProgress, signal, ...(harvest ? { harvest } : {}) }),
      );
    });
  } finally {
    progress?.end();
  }
  const others = await projectsReading(root, name, [path]);
  return { project: name, path, files: await countFiles(join(root, path)), others };
}

const endings: Readonly<Record<SuddenEnd, string>> = {
  exited: 'ends the process (process.exit)',
  idle: 'never finishes: it awaits something that never comes',
};

/** The number of files at a path: 1 for a table, which is one file. */
async function countFiles(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (!found) return 0;
  return found.isDirectory() ? (await listFiles(path)).length : 1;
}
