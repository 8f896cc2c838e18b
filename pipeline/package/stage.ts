// Types only: the engine's own code decides nothing about the package.

import { PackageOutput } from '../../platform/schemas/index.ts';
import type { Stage } from '../engine/index.ts';
import type { PackageInputs } from './inputs.ts';

/**
 * Writes the trained network as ONNX and proves on the whole test split that ONNX Runtime agrees with it.
 * Size and latency are measured here and judged by gates.
 *
 * @throws MainstemError ONNX_LAYER_UNSUPPORTED, PACKAGE_PARITY
 */
export const packageStage: Stage<PackageInputs, typeof PackageOutput> = {
  name: 'package',
  entry: import.meta.filename,
  parameters: [],
  resources: { cpus: 1, memoryMb: 1024 },
  outputs: PackageOutput,
  async run({ store }, inputs) {
    const { buildPackage } = await import('./build-package.ts');
    return buildPackage(store, inputs);
  },
};
