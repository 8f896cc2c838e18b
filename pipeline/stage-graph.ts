import type { BackendInfo } from '../platform/schemas/index.ts';
import type { PlannedStage } from './cluster/index.ts';
import type { ProjectContext } from './context.ts';
import { type Flow, Handle } from './engine/index.ts';
import { materialsOf } from './materials.ts';
import { declareStages } from './run.ts';

/**
 * The stages of a project in the order of the flow, each with those that must have ended before. Nothing runs.
 *
 * @throws MainstemError DATA_UNLOCKED
 */
export function stageGraph(
  { project, lock }: Pick<ProjectContext, 'project' | 'lock'>,
  backend: BackendInfo,
): PlannedStage[] {
  const planned: PlannedStage[] = [];
  const stage: Flow['stage'] = ({ name }, inputs, { as = name, after = [] } = {}) => {
    const handles = [...Object.values(inputs), ...after].filter((one) => one instanceof Handle);
    planned.push({ name: as, needs: [...new Set(handles.map((handle) => handle.name))] });
    return new Handle(as);
  };
  declareStages({ stage }, materialsOf(project, lock, backend));
  return planned;
}
