export type { TrainInputs } from './messages.ts';
export { trainStage } from './train.ts';
