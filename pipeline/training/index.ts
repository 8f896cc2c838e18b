export { checkpointPath } from './checkpoint-file.ts';
export type { TrainInputs, TunedTrainInputs } from './messages.ts';
export { createPartStage, type PartInputs } from './part-stage.ts';
export { trainStage } from './stage.ts';
export { trainTreesStage } from './trees-stage.ts';
export { trainTunedStage } from './tuned-stage.ts';
