export type { Comparison } from '../../platform/schemas/index.ts';
export { comparePredictions } from './compare.ts';
export { writePredictions } from './predictions.ts';
export { readPredictions } from './read-predictions.ts';
export { type EvaluateInputs, evaluateStage } from './stage.ts';
