export { chooseBackend } from './choose-backend.ts';
export { findEnds, type ModelEnds } from './embedding.ts';
export type { AdamOptimizer } from './optimizer.ts';
export type { Fill, Predictions } from './predict-all.ts';
export type { SavedModel } from './saved-model.ts';
export { startBackend } from './start-backend.ts';
export { createOptimizer, loadModel, predictAll, saveModel } from './tensors.ts';
