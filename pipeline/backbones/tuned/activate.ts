import { MainstemError } from '../../../platform/lib/errors.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import type { PrepareOutput } from '../../../platform/schemas/index.ts';
import type { StageContext } from '../../engine/index.ts';
import { readPrepared } from '../../prepare/index.ts';
import { assertSize } from '../assert-size.ts';
import { buildMapsExtractor } from '../build-extractor.ts';
import { embedRows } from '../embed-rows.ts';
import type { ActivateInputs } from '../inputs.ts';
import { loadBackbone } from '../load-backbone.ts';
import { findStart } from './find-start.ts';
import { planTuned } from './plan-tuned.ts';

/** Training holds them in memory, and a few times over while they are read. */
const mostBytes = 2 ** 30;

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
  assertBytes(rows.length, shape, place.path);
  workspace.reporter.info(
    `Training the backbone from ${start} on: ${sizeOf(rows.length, shape)} of activations.`,
  );
  const frozen = await loadBackbone(store, { ...backbone, features: start });
  const onnx = buildMapsExtractor(frozen, { preprocessing, pixels: backbone.pixels }, shape);
  return embedRows(context, data, { onnx, ...place, shape });
}

function assertBytes(photos: number, shape: readonly number[], path: string): void {
  if (bytesOf(photos, shape) <= mostBytes) return;
  const reason = `what it makes of ${photos} photos where training would begin is ${sizeOf(photos, shape)}, and ${renderBytes(mostBytes)} are the most`;
  throw new MainstemError('FINE_TUNE_UNSUPPORTED', { path, reason });
}

function bytesOf(photos: number, shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 4 * photos);
}

function sizeOf(photos: number, shape: readonly number[]): string {
  return `${renderBytes(bytesOf(photos, shape))} (${photos} × ${shape.join(' × ')})`;
}
