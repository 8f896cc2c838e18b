export type { TrainInputs } from './messages.ts';
export { trainStage } from './stage.ts';
