/*
 * Backbones: networks that others have trained on many pictures, whose features a project's own layers read. What reads or
 * writes ONNX files is loaded when it is called, since every command loads this file.
 */
export { imageNetPixels, type KnownBackbone, knownBackbones, storedPixels } from './catalogue.ts';
export { describePackaged, markPromoted } from './describe-packaged.ts';
export { featuresOf } from './features-of.ts';
export type { ActivateInputs, EmbedInputs } from './inputs.ts';
export type { BackboneInput } from './load-backbone.ts';
export type { PromotedBackbone } from './origin.ts';
export type { PackagedNetwork } from './packaged.ts';
export { type ProbedBackbone, probeBackbone } from './probe-backbone.ts';
export { seenPhotos } from './seen-photos.ts';
export { embedStage } from './stage.ts';
export { startOnBackbone, startOnFrozen } from './start-on-backbone.ts';
export { listBlocks, type TunableBlocks } from './tuned/list-blocks.ts';
export type { LoadedTuned } from './tuned/load-tuned.ts';
export { activateStage } from './tuned/stage.ts';
export { tunedPart } from './tuned/tuned-part.ts';
