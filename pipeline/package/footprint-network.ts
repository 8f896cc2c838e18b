import type { BlobStore, FootprintOutput } from '../../platform/schemas/index.ts';
import { startOnBackbone } from '../backbones/index.ts';
import { loadModel, startBackend } from '../backends/index.ts';
import { readIndex } from '../prepare/index.ts';
import { type FootprintInputs, measureFootprint } from './footprint.ts';
import { exportOnnx } from './onnx/export-onnx.ts';

/** Measures a trained network as a file. @throws MainstemError what the stage says */
export async function footprintNetwork(
  store: BlobStore,
  inputs: FootprintInputs,
): Promise<FootprintOutput> {
  const { backbone, prepared, trained, backend } = inputs;
  const { preprocessing } = await readIndex(store, prepared);
  const start = backbone ? await startOnBackbone(store, backbone, preprocessing) : undefined;
  await startBackend(backend);
  const model = await loadModel(store, trained);
  try {
    return await measureFootprint(store, inputs, await exportOnnx(model, {}, { start }));
  } finally {
    model.dispose();
  }
}
