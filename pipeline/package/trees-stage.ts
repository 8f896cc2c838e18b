// Types only: the package does not depend on the engine's code.

import type { PackageOutput } from '../../platform/schemas/index.ts';
import type { StageWork } from '../engine/index.ts';
import type { PackageInputs } from './inputs.ts';

/**
 * Writes boosted trees as ONNX and checks on the whole test split that ONNX Runtime agrees with them.
 * Size and latency are measured here and judged by gates.
 *
 * @throws MainstemError PACKAGE_NOT_FINITE, PACKAGE_PARITY
 */
export const packageTreesStage: StageWork<PackageInputs, PackageOutput> = {
  entry: import.meta.filename,
  parameters: [],
  resources: { cpus: 1, memoryMb: 1024 },
  async run({ store }, inputs) {
    const { packageTrees } = await import('./package-trees.ts');
    return packageTrees(store, inputs);
  },
};
