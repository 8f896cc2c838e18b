export { artefactDigests } from './artefacts.ts';
export { createFlow, type Flow, type StageOptions } from './flow.ts';
export type { FlowOptions, FlowSelection, KnownResult, RecordStore } from './flow-options.ts';
export { Handle } from './handle.ts';
export { runFolder } from './latest.ts';
export { createMachine, type Machine, thisMachine } from './machine.ts';
export { openModuleCache } from './module-cache.ts';
export type { StageAction, StageSummary } from './outcome.ts';
export { renderStages } from './render.ts';
export {
  defineStage,
  type Resources,
  type Stage,
  type StageContext,
  type StageWork,
} from './stage.ts';
