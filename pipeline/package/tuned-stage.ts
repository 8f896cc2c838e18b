import type { PackageOutput } from '../../platform/schemas/index.ts';
import { driverPath } from '../backends/index.ts';
// Types only: the package does not depend on the engine's code.
import type { StageWork } from '../engine/index.ts';
import type { BackbonePackageInputs } from './inputs.ts';

/**
 * Writes the frozen part of a backbone and the trained network, which begins with the rest of the backbone, as one ONNX file
 * that takes pictures, and checks on the whole test split that ONNX Runtime gives with it what the network gave.
 *
 * @throws MainstemError ONNX_LAYER_UNSUPPORTED, PACKAGE_NOT_FINITE, PACKAGE_PARITY, BACKBONE_UNSUPPORTED
 */
export const packageTunedStage: StageWork<BackbonePackageInputs, PackageOutput> = {
  entry: import.meta.filename,
  code: (_, backend) => [driverPath(backend)],
  parameters: [],
  resources: { cpus: 1, memoryMb: 1024 },
  async run({ store }, inputs) {
    const { packageTuned } = await import('./package-tuned.ts');
    return packageTuned(store, inputs);
  },
};
