import * as tf from '@tensorflow/tfjs-core';
import { model as layersModel } from '@tensorflow/tfjs-layers';
import { MainstemError } from '../../../platform/lib/errors.ts';
import type { TunedFrom } from '../../../platform/schemas/define/index.ts';
import type { BlobStore, ImagePreprocessing } from '../../../platform/schemas/index.ts';
import { type BackboneInput, loadBackbone } from '../load-backbone.ts';
import { buildTuned, type TunedPart } from './build-tuned.ts';
import { findStart } from './find-start.ts';
import type { TunedPlan } from './layer-plan.ts';
import { planTuned } from './plan-tuned.ts';

/** The part of a locked backbone that is trained, on the current tensor backend. */
export interface LoadedTuned extends TunedPart {
  /** The tensor of the file that it begins with. */
  readonly start: string;
  /** Layers that learn. */
  readonly layers: number;
}

/** Two libraries add up in another order: as a share of the largest feature. */
const tolerance = 1e-4;

/**
 * Reads the part of a backbone that is trained, and proves on pictures of noise that its layers give the file's features.
 *
 * @throws MainstemError FINE_TUNE_UNSUPPORTED, BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT
 */
export async function loadTuned(
  store: BlobStore,
  backbone: BackboneInput,
  { from, preprocessing }: { from: TunedFrom; preprocessing: ImagePreprocessing },
): Promise<LoadedTuned> {
  const place = { path: backbone.dataset.path, size: preprocessing.size };
  const whole = await loadBackbone(store, backbone);
  const plan = await planTuned(whole, await findStart(whole, from, place), place);
  const part = buildTuned(plan, place.path);
  await assertAlike(plan, part, place.path);
  const layers = plan.layers.filter(({ weights }) => weights.length > 0).length;
  return { ...part, start: plan.start, layers };
}

async function assertAlike(
  { proof, shape }: TunedPlan,
  { input, features }: TunedPart,
  path: string,
): Promise<void> {
  const model = layersModel({ inputs: input, outputs: features });
  const pictures = proof.input.length / shape.reduce((product, size) => product * size, 1);
  const output = tf.tidy(() => model.predict(tf.tensor(proof.input, [pictures, ...shape])));
  const found = output instanceof tf.Tensor ? await output.data<'float32'>() : [];
  tf.dispose(output);
  const largest = proof.features.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const off = proof.features.findIndex(
    (value, at) => !(Math.abs(value - (found[at] ?? Number.NaN)) <= tolerance * largest),
  );
  if (off < 0) return;
  const reason = `its layers give ${found[off]} for a feature that is ${proof.features[off]}`;
  throw new MainstemError('FINE_TUNE_UNSUPPORTED', { path, reason });
}
