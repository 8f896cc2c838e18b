/* Backbones: networks that others have trained on many pictures, whose features a project's own layers read. */
export { imageNetPixels, type KnownBackbone, knownBackbones } from './catalogue.ts';
export { startOnBackbone } from './graft.ts';
export { type BackboneInput, loadBackbone } from './load-backbone.ts';
export { type Backbone, parseBackbone } from './parse-backbone.ts';
export { type ProbedBackbone, probeBackbone } from './probe-backbone.ts';
export { type EmbedInputs, embedStage } from './stage.ts';
