import type { ProjectContext } from '../context.ts';
import { collectProject } from './collect.ts';
import { joinTable } from './features/join.ts';

/**
 * Collects what a project learns from. For a project with features `collect` brings the rows and the sources, and the table is joined
 * from them.
 *
 * @throws what {@link collectProject} and {@link joinTable} throw
 */
export async function collectTable(context: ProjectContext): Promise<void> {
  await collectProject(context);
  if (!context.project.definition.features) return;
  await joinTable(context, { folders: {}, now: Date.now() });
}
