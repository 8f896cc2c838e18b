import type { BlobStore, PackageOutput } from '../../platform/schemas/index.ts';
import { loadTrees, predictTrees } from '../trees/index.ts';
import { buildPackage } from './build-package.ts';
import type { PackageInputs } from './inputs.ts';
import { exportTrees } from './onnx/export-trees.ts';

/** Packages boosted trees. @throws MainstemError what `buildPackage` throws */
export async function packageTrees(
  store: BlobStore,
  inputs: PackageInputs,
): Promise<PackageOutput> {
  const trees = await loadTrees(store, inputs.trained);
  return buildPackage(store, inputs, {
    predict: (rows, fill) => predictTrees(trees, rows, fill),
    export: (metadata) => exportTrees(trees, metadata),
  });
}
