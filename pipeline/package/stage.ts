// Types only: the package does not depend on the engine's code.

import type { PackageOutput } from '../../platform/schemas/index.ts';
import { driverPath } from '../backends/index.ts';
import type { StageWork } from '../engine/index.ts';
import type { PackageInputs } from './inputs.ts';

/**
 * Writes the trained network as ONNX and checks on the whole test split that ONNX Runtime agrees with it.
 * Size and latency are measured here and judged by gates.
 *
 * @throws MainstemError ONNX_LAYER_UNSUPPORTED, PACKAGE_NOT_FINITE, PACKAGE_PARITY
 */
export const packageStage: StageWork<PackageInputs, PackageOutput> = {
  entry: import.meta.filename,
  code: (_, backend) => [driverPath(backend)],
  parameters: [],
  resources: { cpus: 1, memoryMb: 1024 },
  async run({ store }, inputs) {
    const { packageNetwork } = await import('./package-network.ts');
    return packageNetwork(store, inputs);
  },
};
