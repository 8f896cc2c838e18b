import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadPromoted, missingArtefacts } from '../../platform/registry/index.ts';
import type { ModelRecord, Workspace } from '../../platform/schemas/index.ts';
import { lockProject } from '../../platform/storage/index.ts';
import { computeRunKey, runPipeline } from '../run.ts';
import { collectProject } from './collect.ts';
import { type Arena, openArena } from './context.ts';
import { promoteCandidate } from './promote.ts';
import { pullConfigured } from './provide-data.ts';
import { reportCandidate } from './report.ts';

/**
 * Sees to it that the project's production pointer can be served: if its model is in the store or a remote, that
 * is all.
 * Otherwise the data is collected and locked, the pipeline runs, and the result is promoted in the working
 * tree (never committed), unless it is the very run that the pointer names already.
 */
export async function ensurePromoted(workspace: Workspace, name: string): Promise<void> {
  const { reporter, root } = workspace;
  const arena = await openArena(workspace, name);
  const promoted = await loadPromoted(root, name);
  if (promoted && (await isHere(arena, promoted.record))) {
    reporter.info(`${name} ${promoted.record.run} is promoted and in the store.`);
    await tellIfTreeDiffers(arena, promoted.record);
    return;
  }
  await collectIfMissing(arena);
  const lock = await lockProject(workspace, arena.store, arena.project);
  const { record, validation } = await runPipeline(workspace, arena.project, { backend: 'auto' });
  if (!record) return;
  if (promoted?.record.run === record.run) {
    reporter.info(`${name} ${record.run} was rebuilt from its commit: the same bits as promoted.`);
    return;
  }
  await reportCandidate({ ...arena, lock }, record, validation?.findings ?? []);
  await promoteCandidate(workspace, name, {
    channel: 'production',
    commit: false,
    unrivalled: true,
  });
  reporter.info(
    `${name} ${record.run} is promoted in your working tree; "npx mainstem promote ${name}" commits it.`,
  );
}

/** Whether the model's artefacts are in the store, or can be pulled. */
async function isHere({ workspace, store }: Arena, record: ModelRecord): Promise<boolean> {
  const complete = async () => (await missingArtefacts(store, record)).length === 0;
  return (await complete()) || ((await pullConfigured(workspace)) && complete());
}

async function collectIfMissing(arena: Arena): Promise<void> {
  const { workspace, project } = arena;
  if (existsSync(join(workspace.root, project.definition.data.path))) return;
  if (project.definition.collect) await collectProject(workspace, project);
}

/** Editing params.json and running start again should not look as if the edit were serving. */
async function tellIfTreeDiffers(
  { workspace, project }: Arena,
  record: ModelRecord,
): Promise<void> {
  const { key } = await computeRunKey(workspace, project, { record });
  if (key === record.key) return;
  const name = project.definition.name;
  workspace.reporter.warn(
    `The working tree describes another run; "npx mainstem experiment ${name}" measures it.`,
  );
}
