import { loadPromoted } from '../../platform/registry/index.ts';
import type { ProjectContext } from '../context.ts';
import { computeRunKey } from '../run-key.ts';

/** Whether the working tree describes another run of a project than the one that its pointer names. */
export interface PlannedRun {
  readonly project: string;
  readonly affected: boolean;
  /** Why, in one sentence. */
  readonly reason: string;
}

/**
 * Decides by run key alone whether a project has to be trained: an edit that decides no result costs nothing.
 *
 * @throws MainstemError DATA_UNLOCKED, MODEL_RECORD_CHANGED
 */
export async function planRun(context: ProjectContext): Promise<PlannedRun> {
  const { root } = context.workspace;
  const project = context.project.definition.name;
  const promoted = await loadPromoted(root, project);
  if (!promoted) return { project, affected: true, reason: 'Nothing serves yet.' };
  const { record } = promoted;
  const { key, complete } = await computeRunKey(context, { record });
  if (complete && key === record.key) {
    return { project, affected: false, reason: `The tree describes ${record.run}, which serves.` };
  }
  return { project, affected: true, reason: `The tree describes another run than ${record.run}.` };
}
