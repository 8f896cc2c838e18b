import type { PrepareOutput } from '../../../platform/schemas/index.ts';
// Types only: the activations do not depend on the engine's code.
import type { StageWork } from '../../engine/index.ts';
import type { ActivateInputs } from '../inputs.ts';

/**
 * Computes what the frozen part of a backbone makes of prepared pictures, on all cores, and leaves it as prepared rows of
 * float32: what the part that is trained reads. Photos that an earlier run left cost nothing.
 *
 * @throws MainstemError FINE_TUNE_UNSUPPORTED, BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT
 */
export const activateStage: StageWork<ActivateInputs, PrepareOutput> = {
  entry: import.meta.filename,
  parameters: [],
  resources: { cpus: 2, memoryMb: 1024 },
  async run(context, inputs) {
    // Loaded here, because a command that only plans needs no ONNX files.
    const { activate } = await import('./activate.ts');
    return activate(context, inputs);
  },
};
