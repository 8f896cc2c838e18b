export { packageOnBackboneStage } from './backbone-stage.ts';
export type { FootprintInputs } from './footprint.ts';
export { footprintStage } from './footprint-stage.ts';
export { footprintTreesStage } from './footprint-trees-stage.ts';
export type { PackageInputs } from './inputs.ts';
export { type MeasuredPackage, measurePackage } from './measure-package.ts';
export { packageStage } from './stage.ts';
export { packageTreesStage } from './trees-stage.ts';
export { packageTunedStage } from './tuned-stage.ts';
