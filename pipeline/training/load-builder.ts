import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { ModelBuilder, ProjectDefinition } from '../../platform/schemas/define/index.ts';
import type { TrainJob } from './messages.ts';

/** Loads what builds a project's network. @throws MainstemError TRAINING_MODEL_INVALID */
export async function loadBuilder({
  project,
  folder,
}: Pick<TrainJob, 'project' | 'folder'>): Promise<ModelBuilder<Record<string, unknown>>> {
  const path = join(folder, 'project.ts');
  const module: { default?: ProjectDefinition } = await import(pathToFileURL(path).href);
  const builder = module.default?.model;
  if (typeof builder === 'function') return builder;
  const reason = `${path} does not export a project with a network`;
  throw new MainstemError('TRAINING_MODEL_INVALID', { project, reason });
}
