/* What training and serving must do alike: from bytes to the network's input, from its output to an answer. */
export { binOf } from './bin.ts';
export { type Decision, type DecisionRules, decide, type NetworkOutput } from './decide.ts';
export { decodeImage } from './decode.ts';
export { type ImageProperties, imagePropertyNames, measureImage } from './measure.ts';
export { type ImageOptions, imageFormat } from './open-image.ts';
export { imagePreprocessing, scaleImage } from './scale.ts';
export { distanceScore, energyScore } from './score.ts';
export { logSumExp, softmax } from './softmax.ts';
export { type Cell, encodedLength, encodeRow, fitTable, isMissing, type Row } from './table.ts';
