/*
 * The tensor backends. What computes on tensors is loaded at its first use: a run that finds everything done only
 * chooses a backend and should not wait for the tensor library. One file per function: each stage's key holds what it
 * uses.
 */
export { chooseBackend } from './choose-backend.ts';
export { createOptimizer } from './create-optimizer.ts';
export { crossEntropyKernel } from './cross-entropy.ts';
export type { BackendDriver } from './driver.ts';
export { drivers } from './drivers.ts';
export { findBackend, tryBackend } from './find-backend.ts';
export { findEnds, type ModelEnds } from './find-ends.ts';
export { loadModel } from './load-model.ts';
export { loadRecorder } from './load-recorder.ts';
export { nativeFiles } from './native/load.ts';
export {
  manifestFile,
  type NativeManifest,
  type NativeName,
  nativeFolder,
  nativeNameOf,
  nativePlace,
  readManifest,
} from './native/place.ts';
export { whyNoDevice } from './native/why-no-gpu.ts';
export type { AdamOptimizer } from './optimizer.ts';
export { predictAll } from './predict-all.ts';
export type { Fill, Predictions } from './predictions.ts';
export type { RecordStep } from './recording/record-step.ts';
export type { Recording } from './recording/recording.ts';
export { saveModel } from './save-model.ts';
export type { SavedModel } from './saved-model.ts';
export { driverPath, startBackend } from './start-backend.ts';
export { leavesProcessors } from './wasm/count-threads.ts';
