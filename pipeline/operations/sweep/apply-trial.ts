import { join } from 'node:path';
import { canonicalJson } from '../../../platform/lib/canonical-json.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { writeFileAtomic } from '../../../platform/lib/files.ts';
import { projectsFolder } from '../../../platform/lib/layout.ts';
import type { SweepReport } from '../../../platform/report/index.ts';
import { loadProject } from '../../../platform/schemas/define/index.ts';
import type { ProjectContext } from '../../context.ts';
import { changeParameters } from '../../sweep/index.ts';
import { renderParameters } from '../../template/init/index.ts';

/** What was written. */
export interface Applied {
  /** Relative to the repository. */
  readonly path: string;
  readonly trial: number;
}

/**
 * Writes the values of a trial into params.json as it is now: a search may take hours, and what people saved meanwhile
 * stays.
 *
 * @param wanted the number of a trial that is done; left out, the best
 * @returns null if these are today's parameters, which stay as they are
 * @throws MainstemError SWEEP_TRIAL_UNKNOWN, FILE_UNWRITABLE
 */
export async function applyTrial(
  context: ProjectContext,
  report: Pick<SweepReport, 'trials' | 'best'>,
  wanted = report.best,
): Promise<Applied | null> {
  const { workspace, project } = context;
  const now = await loadProject(workspace.root, project.definition.name);
  const text = proposeParameters({ ...context, project: now }, report, wanted);
  if (text === null) return null;
  const path = `${projectsFolder}/${project.definition.name}/params.json`;
  if (canonicalJson(now.parameters) !== canonicalJson(project.parameters)) {
    workspace.reporter.warn(
      `${path} was changed while the sweep ran. That stays, but the values were found with what it said before.`,
    );
  }
  await writeFileAtomic(join(workspace.root, path), text);
  return { path, trial: wanted };
}

/**
 * The text of params.json with the values of a trial; null for today's parameters.
 *
 * @throws MainstemError SWEEP_TRIAL_UNKNOWN
 */
export function proposeParameters(
  { project }: ProjectContext,
  report: Pick<SweepReport, 'trials' | 'best'>,
  wanted = report.best,
): string | null {
  const done = report.trials.filter(({ status }) => status === 'done');
  const found = done.find(({ trial }) => trial === wanted);
  if (!found) {
    const known = done.map(({ trial }) => trial).join(', ');
    throw new MainstemError('SWEEP_TRIAL_UNKNOWN', { trial: wanted, known });
  }
  return wanted === 0 ? null : renderParameters(changeParameters(project, found.values));
}
