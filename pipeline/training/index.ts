export type { TrainInputs } from './messages.ts';
export { trainStage } from './stage.ts';
export { trainTreesStage } from './trees-stage.ts';
