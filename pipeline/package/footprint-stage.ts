import type { FootprintOutput } from '../../platform/schemas/index.ts';
import { driverPath } from '../backends/index.ts';
// Types only: the file does not depend on the engine's code.
import type { StageWork } from '../engine/index.ts';
import type { FootprintInputs } from './footprint.ts';

/**
 * Writes a trained network as ONNX, as packaging does, only to measure its size and latency: no rules of decision, no
 * parity. The latency is this machine's.
 *
 * @throws MainstemError ONNX_LAYER_UNSUPPORTED, BACKEND_UNAVAILABLE, BACKBONE_UNSUPPORTED
 */
export const footprintStage: StageWork<FootprintInputs, FootprintOutput> = {
  entry: import.meta.filename,
  code: (_, backend) => [driverPath(backend)],
  parameters: [],
  // One at a time: others beside it would slow it down.
  resources: { cpus: 1000, memoryMb: 1024 },
  async run({ store }, inputs) {
    const { footprintNetwork } = await import('./footprint-network.ts');
    return footprintNetwork(store, inputs);
  },
};
