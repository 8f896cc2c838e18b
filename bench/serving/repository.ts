import * as layers from '@tensorflow/tfjs-layers';
import { startBackend } from '../../pipeline/backends/index.ts';
import { exportOnnx } from '../../pipeline/package/onnx/export-onnx.ts';
import { model } from '../../pipeline/projects/pumpkins/model.ts';
import { imagePreprocessing } from '../../platform/transforms/index.ts';
import {
  createModelRepository,
  type ModelRepository,
  pumpkins,
} from '../../tests/helpers/model-repository.ts';

/** Pixels per side of the network's input. */
export const side = 64;
const flaws = 48;

/** The network of the pumpkins project, not trained: it computes as long as a trained one. */
async function buildNetwork(wide: number): Promise<Uint8Array> {
  await startBackend({ name: 'wasm' });
  const network = model({
    ...{ inputShape: [side, side, 3], outputs: 3, layers },
    model: { filters: [16, 24, 40, 64].map((count) => count * wide), flaws, dropout: 0.25 },
  });
  try {
    return await exportOnnx(network, {});
  } finally {
    network.dispose();
  }
}

/**
 * A repository that serves it, with all that a real record has serving do: measuring, refusing, counting.
 *
 * @param names of models: each has the same network with other bytes, so that none shares it
 * @param wide multiplies the filters of its layers
 * @param watched of how many bins each property is, 0 for a record without properties, and how many slices there are
 */
export async function createRepository(
  names: readonly string[] = [pumpkins.model],
  wide = 1,
  watched: { readonly bins: number; readonly slices?: number } = { bins: 5 },
): Promise<ModelRepository & { onnx: Uint8Array }> {
  const onnx = await buildNetwork(wide);
  const zeros = Array.from({ length: flaws }, () => 0);
  const whitening = zeros.map((_, row) => zeros.map((_, column) => Number(row === column)));
  const properties = ['brightness', 'contrast', 'sharpness', 'red', 'green', 'blue', 'score'];
  const bins = (watched.bins > 0 ? properties : []).map((name) => ({
    ...{ name, kind: 'number' as const },
    edges: Array.from({ length: watched.bins - 1 }, (_, at) => ((at + 1) * 200) / watched.bins),
    ratios: Array.from({ length: watched.bins }, () => 1 / watched.bins),
  }));
  const accuracy = { value: 0.9, low: 0.8, high: 0.95, count: 40 };
  const slices = Array.from({ length: watched.slices ?? 0 }, (_, at) => ({
    ...{ slice: 'light', value: `value ${at}`, count: 40, accuracy, error: null },
  }));
  const distance = { means: [zeros, zeros, zeros], whitening };
  const outOfDistribution = pumpkins.outOfDistribution && {
    ...pumpkins.outOfDistribution,
    ...{ threshold: -1e9, distance },
  };
  const preprocessing = imagePreprocessing(side);
  const parts = names.map((name) => ({
    ...{ ...pumpkins, model: name, onnx: names.length === 1 ? onnx : withNote(onnx, name) },
    ...{ preprocessing, outOfDistribution, bins, slices },
  }));
  return { ...(await createModelRepository(...parts)), onnx };
}

/** The same network with other bytes: field 6 of a model is its `doc_string`. */
function withNote(onnx: Uint8Array, note: string): Uint8Array {
  return Buffer.concat([onnx, Buffer.from([0x32, note.length]), Buffer.from(note)]);
}
