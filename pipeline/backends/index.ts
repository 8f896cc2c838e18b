export { chooseBackend } from './choose-backend.ts';
export { findEnds, type ModelEnds } from './embedding.ts';
export { type AdamOptimizer, createOptimizer } from './optimizer.ts';
export { type Fill, type Predictions, predictAll } from './predict-all.ts';
export { loadModel, type SavedModel, saveModel } from './saved-model.ts';
export { startBackend } from './start-backend.ts';
