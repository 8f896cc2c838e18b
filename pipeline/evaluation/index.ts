export type { Comparison } from '../../platform/schemas/index.ts';
export { comparePredictions } from './compare-predictions.ts';
export { readPredictions } from './read-predictions.ts';
export { type EvaluateInputs, evaluateStage } from './stage.ts';
export { writePredictions } from './write-predictions.ts';
