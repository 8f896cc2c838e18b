import type { BlobStore, PackageOutput } from '../../platform/schemas/index.ts';
import { fromLabelScale } from '../../platform/transforms/index.ts';
import { loadModel, predictAll, startBackend } from '../backends/index.ts';
import { buildPackage } from './build-package.ts';
import type { PackageInputs } from './inputs.ts';
import { exportOnnx, type NetworkStart } from './onnx/export-onnx.ts';

const batchSize = 64;

/**
 * Packages a trained network.
 *
 * @param start what it stands on, if that is not its own input
 * @throws MainstemError BACKEND_UNAVAILABLE, and what `buildPackage` throws
 */
export async function packageNetwork(
  store: BlobStore,
  inputs: PackageInputs,
  start?: NetworkStart,
): Promise<PackageOutput> {
  await startBackend(inputs.backend);
  const { labelScale } = inputs.trained;
  const model = await loadModel(store, inputs.trained);
  try {
    return await buildPackage(store, inputs, {
      predict: async (rows, fill) => {
        const predicted = await predictAll(model, rows, fill, batchSize);
        const output = predicted.output.map((value) => fromLabelScale(value, labelScale));
        return { ...predicted, output };
      },
      export: (metadata) => exportOnnx(model, metadata, { start, labelScale }),
    });
  } finally {
    model.dispose();
  }
}
