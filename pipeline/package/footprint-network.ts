import type {
  BlobStore,
  FootprintOutput,
  Preprocessing,
  TrainOutput,
} from '../../platform/schemas/index.ts';
import { type BackboneInput, startOnBackbone, startOnFrozen } from '../backbones/index.ts';
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
  const start = backbone && (await startOf(store, backbone, preprocessing, trained));
  await startBackend(backend);
  const model = await loadModel(store, trained);
  try {
    return await measureFootprint(
      store,
      inputs,
      await exportOnnx(model, {}, { start: start ?? undefined }),
    );
  } finally {
    model.dispose();
  }
}

function startOf(
  store: BlobStore,
  backbone: BackboneInput,
  preprocessing: Preprocessing,
  { tuned }: TrainOutput,
) {
  return tuned
    ? startOnFrozen(store, backbone, preprocessing, tuned)
    : startOnBackbone(store, backbone, preprocessing);
}
