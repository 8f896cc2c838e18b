import { join } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { writeFileAtomic } from '../../../platform/lib/files.ts';
import { projectsFolder } from '../../../platform/lib/layout.ts';
import type { SweepReport } from '../../../platform/report/index.ts';
import type { ProjectContext } from '../../context.ts';
import { changeParameters, type Values } from '../../sweep/index.ts';
import { renderParameters } from '../../template/init/index.ts';

/** What was written. */
export interface Applied {
  /** Relative to the repository. */
  readonly path: string;
  readonly trial: number;
  readonly values: Values;
}

/**
 * Writes the values of a trial into params.json.
 *
 * @param wanted the number of a trial that is done; left out, the best
 * @returns null if these are today's parameters, which stay as they are
 * @throws MainstemError SWEEP_TRIAL_UNKNOWN, FILE_UNWRITABLE
 */
export async function applyTrial(
  { workspace, project }: ProjectContext,
  report: Pick<SweepReport, 'trials' | 'best'>,
  wanted = report.best,
): Promise<Applied | null> {
  const done = report.trials.filter(({ status }) => status === 'done');
  const found = done.find(({ trial }) => trial === wanted);
  if (!found) {
    const known = done.map(({ trial }) => trial).join(', ');
    throw new MainstemError('SWEEP_TRIAL_UNKNOWN', { trial: wanted, known });
  }
  if (wanted === 0) return null;
  const path = `${projectsFolder}/${project.definition.name}/params.json`;
  const text = renderParameters(changeParameters(project, found.values));
  await writeFileAtomic(join(workspace.root, path), text);
  return { path, trial: wanted, values: found.values };
}
