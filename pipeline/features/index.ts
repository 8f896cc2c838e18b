export { decodeImage } from './decode.ts';
export { type ImageProperties, imagePropertyNames, measureImage } from './measure.ts';
export { type ImageOptions, imageFormat } from './open-image.ts';
export { type PrepareInputs, prepareStage } from './prepare.ts';
export { type PreparedData, readPrepared } from './prepared.ts';
export { imagePreprocessing, scaleImage } from './scale.ts';
export { type Cell, encodedLength, encodeRow, fitTable, isMissing, type Row } from './table.ts';
