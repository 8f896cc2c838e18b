import type { PackageOutput } from '../../platform/schemas/index.ts';
import { type BackboneInput, loadBackbone, startOnBackbone } from '../backbones/index.ts';
import { driverPath } from '../backends/index.ts';
// Types only: the package does not depend on the engine's code.
import type { StageWork } from '../engine/index.ts';
import { readIndex } from '../prepare/index.ts';
import type { PackageInputs } from './inputs.ts';

/** The inputs of packaging a network that learnt from a backbone's features. */
export interface BackbonePackageInputs extends PackageInputs {
  readonly backbone: BackboneInput;
}

/**
 * Writes the backbone and the trained network on top of it as one ONNX file that takes pictures, and checks on the whole
 * test split that ONNX Runtime gives with it what the network gave for the features.
 *
 * @throws MainstemError ONNX_LAYER_UNSUPPORTED, PACKAGE_NOT_FINITE, PACKAGE_PARITY, BACKBONE_UNSUPPORTED
 */
export const packageOnBackboneStage: StageWork<BackbonePackageInputs, PackageOutput> = {
  entry: import.meta.filename,
  code: (_, backend) => [driverPath(backend)],
  parameters: [],
  resources: { cpus: 1, memoryMb: 1024 },
  async run({ store }, inputs) {
    const { preprocessing } = await readIndex(store, inputs.prepared);
    if (preprocessing.kind !== 'image') throw new Error('a backbone takes pictures');
    const { pixels } = inputs.backbone;
    const start = startOnBackbone(await loadBackbone(store, inputs.backbone), {
      preprocessing,
      pixels,
    });
    const { packageNetwork } = await import('./package-network.ts');
    return packageNetwork(store, inputs, start);
  },
};
