import type { PrepareOutput } from '../../platform/schemas/index.ts';
// Types only: the features do not depend on the engine's code.
import type { StageWork } from '../engine/index.ts';
import type { EmbedInputs } from './inputs.ts';

/**
 * Computes the features of prepared pictures with a frozen backbone, on all cores, and leaves them as prepared rows of
 * float32. Photos whose features an earlier run left cost nothing.
 *
 * @throws MainstemError BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT
 */
export const embedStage: StageWork<EmbedInputs, PrepareOutput> = {
  entry: import.meta.filename,
  parameters: [],
  resources: { cpus: 2, memoryMb: 1024 },
  async run(context, inputs) {
    // Loaded here, because a command that only plans needs no ONNX files.
    const { embed } = await import('./embed.ts');
    return embed(context, inputs);
  },
};
