import type { ProjectDefinition } from './project.ts';

/** What kinds of models there are. */
export type ModelKind = 'network' | 'trees';

/** What kind of model a project has. */
export function modelKind({ model }: Pick<ProjectDefinition, 'model'>): ModelKind {
  return typeof model === 'function' ? 'network' : model.kind;
}
