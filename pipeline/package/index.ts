export type { PackageInputs } from './inputs.ts';
export { packageStage } from './stage.ts';
