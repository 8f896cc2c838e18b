export { type PreparedData, readPrepared } from './prepared.ts';
export { readIndex } from './read-index.ts';
export { type PrepareInputs, prepareStage } from './stage.ts';
