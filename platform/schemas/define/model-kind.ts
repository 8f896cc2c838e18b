import type { TreesModel } from './trees.ts';

/** What kinds of models there are. */
export type ModelKind = 'network' | 'trees';

/** What kind of model a project has. @param definition its `model` is a network's builder, or names the kind */
export function modelKind({
  model,
}: {
  readonly model: ((...context: never[]) => unknown) | TreesModel;
}): ModelKind {
  return typeof model === 'function' ? 'network' : model.kind;
}
