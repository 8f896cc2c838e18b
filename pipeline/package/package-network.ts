import type { BlobStore, PackageOutput } from '../../platform/schemas/index.ts';
import { loadModel, predictAll, startBackend } from '../backends/index.ts';
import { buildPackage } from './build-package.ts';
import type { PackageInputs } from './inputs.ts';
import { exportOnnx } from './onnx/export-onnx.ts';

const batchSize = 64;

/** Packages a trained network. @throws MainstemError BACKEND_UNAVAILABLE, and what `buildPackage` throws */
export async function packageNetwork(
  store: BlobStore,
  inputs: PackageInputs,
): Promise<PackageOutput> {
  await startBackend(inputs.backend);
  const model = await loadModel(store, inputs.trained);
  try {
    return await buildPackage(store, inputs, {
      predict: (rows, fill) => predictAll(model, rows, fill, batchSize),
      export: (metadata) => exportOnnx(model, metadata),
    });
  } finally {
    model.dispose();
  }
}
