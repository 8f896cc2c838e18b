export { chooseReference } from './choose-reference.ts';
export { encodeIndex, indexMediaType } from './index-file.ts';
export { packShards } from './pack-rows.ts';
export { readIndex } from './read-index.ts';
export { type PreparedData, readPrepared } from './read-prepared.ts';
export { type SampledRows, sampleRows } from './sample-rows.ts';
export { type PrepareInputs, prepareStage } from './stage.ts';
