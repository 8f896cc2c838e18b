export type { Comparison } from '../../platform/schemas/index.ts';
export { comparePredictions } from './compare.ts';
export { readPredictions, writePredictions } from './predictions.ts';
export { type EvaluateInputs, evaluateStage } from './stage.ts';
