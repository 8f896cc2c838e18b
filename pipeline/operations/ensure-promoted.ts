import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadPromoted, missingArtefacts, readPointers } from '../../platform/registry/index.ts';
import type { ModelRecord } from '../../platform/schemas/index.ts';
import { collectReferences, lockProject } from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';
import { runPipeline } from '../run.ts';
import { computeRunKey } from '../run-key.ts';
import { collectProject } from './collect.ts';
import { promoteJudged } from './promote.ts';
import { report } from './report.ts';
import { pullIfRemote } from './transfer.ts';

/**
 * Makes sure that the project's production pointer can be served. If its model is in the store or a remote, that is
 * all. Otherwise the data is collected and locked, the pipeline runs, and the result is promoted in the working tree
 * (never committed), unless it is the run that the pointer already names.
 */
export async function ensurePromoted(context: ProjectContext): Promise<void> {
  const { reporter, root } = context.workspace;
  const { name } = context.project.definition;
  const promoted = await loadPromoted(root, name);
  if (promoted && (await isHere(context, promoted.record))) {
    reporter.info(`${name} ${promoted.record.run} is promoted and in the store.`);
    return warnIfTreeDiffers(context, promoted.record);
  }
  const locked = await lockPresentData(context);
  const { record, validation } = await runPipeline(locked, { backend: 'auto' });
  if (!record) return;
  if (promoted?.record.run === record.run) {
    reporter.info(`${name} ${record.run} was rebuilt from its commit: the same bits as promoted.`);
    return;
  }
  const { gates } = await report(locked, record, validation?.findings ?? []);
  const { committed } = await readPointers(root, name, 'production');
  const champion = committed?.run ?? null;
  const judged = { candidate: record, gates, treeKey: record.key, champion };
  await promoteJudged(locked, judged, { channel: 'production', commit: false });
  reporter.info(
    `${name} ${record.run} is promoted in your working tree; "npx mainstem promote ${name}" commits it.`,
  );
}

/** Whether the model's artefacts are in the store, or can be pulled. */
async function isHere(context: ProjectContext, record: ModelRecord): Promise<boolean> {
  const { workspace, store, lock } = context;
  const isComplete = async () => (await missingArtefacts(store, record)).length === 0;
  if (await isComplete()) return true;
  const references = () => collectReferences(store, { root: workspace.root, lock });
  return (await pullIfRemote(context, references)) && isComplete();
}

/** Locks the data that is on disk, collected first if there is none. */
async function lockPresentData(context: ProjectContext): Promise<ProjectContext> {
  const { workspace, project, store } = context;
  const { data, collect } = project.definition;
  if (collect && !existsSync(join(workspace.root, data.path))) await collectProject(context);
  return { ...context, lock: await lockProject(workspace, store, project) };
}

/** Editing params.json and running start again should not look as if the edit were serving. */
async function warnIfTreeDiffers(context: ProjectContext, record: ModelRecord): Promise<void> {
  const { key } = await computeRunKey(context, { record });
  if (key === record.key) return;
  const { name } = context.project.definition;
  context.workspace.reporter.warn(
    `The working tree describes another run; "npx mainstem experiment ${name}" measures it.`,
  );
}
