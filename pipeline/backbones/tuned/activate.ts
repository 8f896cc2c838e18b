import type { PrepareOutput } from '../../../platform/schemas/index.ts';
import type { StageContext } from '../../engine/index.ts';
import { readPrepared } from '../../prepare/index.ts';
import { assertSize } from '../assert-size.ts';
import { buildMapsExtractor } from '../build-extractor.ts';
import { embedRows } from '../embed-rows.ts';
import type { ActivateInputs } from '../inputs.ts';
import { loadBackbone } from '../load-backbone.ts';
import { activationSize } from './activation-size.ts';
import { findStart } from './find-start.ts';
import { planTuned } from './plan-tuned.ts';

/** Does what the stage says. @throws MainstemError FINE_TUNE_UNSUPPORTED, BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT */
export async function activate(
  context: StageContext,
  { prepared, backbone, from }: ActivateInputs,
): Promise<PrepareOutput> {
  const { store, workspace } = context;
  const data = await readPrepared(store, prepared);
  const { preprocessing, rows } = data.index;
  if (preprocessing.kind !== 'image') throw new Error('a backbone takes pictures');
  const place = { path: backbone.dataset.path, size: preprocessing.size };
  const whole = await loadBackbone(store, backbone);
  assertSize(whole, preprocessing, place.path);
  const start = await findStart(whole, from, place);
  // What cannot be trained is said before anything is computed for it.
  const { shape } = await planTuned(whole, start, place);
  const size = activationSize(rows.length, shape, place.path);
  workspace.reporter.info(`Training the backbone from ${start} on: ${size} of activations.`);
  const frozen = await loadBackbone(store, { ...backbone, features: start });
  const onnx = buildMapsExtractor(frozen, { preprocessing, pixels: backbone.pixels }, shape);
  return embedRows(context, data, { onnx, ...place, shape });
}
