import { modelKind, type ProjectDefinition } from '../platform/schemas/define/index.ts';
import type { BackendChoice, BackendInfo, ModelRecord } from '../platform/schemas/index.ts';
import { chooseBackend } from './backends/index.ts';

/** What trees are computed with: the language itself, whose numbers are the same on every machine. */
const treesBackend: BackendInfo = {
  name: 'javascript',
  class: 'javascript',
  deterministic: true,
  reason: 'boosted trees need no tensor library',
};

/**
 * Chooses what a project's model is computed with. Trees need no tensor backend, whichever is asked for.
 *
 * @throws MainstemError BACKEND_UNAVAILABLE
 */
export async function backendFor(
  definition: ProjectDefinition,
  request: BackendChoice,
): Promise<BackendInfo> {
  return modelKind(definition) === 'trees' ? treesBackend : chooseBackend(request);
}

/** The backend of a record, unless the project has another kind of model by now: then the one that it would choose. */
export async function recordedBackendFor(
  definition: ProjectDefinition,
  { training }: ModelRecord,
): Promise<BackendInfo> {
  const same = modelKind(definition) === (training.kind ?? 'network');
  return same ? training.backend : backendFor(definition, 'auto');
}
