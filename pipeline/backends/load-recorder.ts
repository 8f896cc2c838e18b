import type { RecordStep } from './recording/record-step.ts';

/** What records a step so that it can be repeated; null for a backend that does not promise the same bits. */
export async function loadRecorder(): Promise<RecordStep | null> {
  const { getBackend } = await import('@tensorflow/tfjs-core');
  if (getBackend() !== 'wasm') return null;
  const { recordStep } = await import('./recording/record-step.ts');
  return recordStep;
}
