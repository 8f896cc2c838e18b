export { type PreparedData, readIndex, readPrepared } from './prepared.ts';
export { type PrepareInputs, prepareStage } from './stage.ts';
