import type { PrepareOutput } from '../../platform/schemas/index.ts';
import type { StageContext } from '../engine/index.ts';
import { readPrepared } from '../prepare/index.ts';
import { assertSize } from './assert-size.ts';
import { buildExtractor } from './build-extractor.ts';
import { embedRows } from './embed-rows.ts';
import type { EmbedInputs } from './inputs.ts';
import { loadBackbone } from './load-backbone.ts';

/** Does what the stage says. @throws MainstemError BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT */
export async function embed(
  context: StageContext,
  { prepared, backbone }: EmbedInputs,
): Promise<PrepareOutput> {
  const data = await readPrepared(context.store, prepared);
  const { preprocessing } = data.index;
  if (preprocessing.kind !== 'image') throw new Error('a backbone takes pictures');
  const { path } = backbone.dataset;
  const parsed = await loadBackbone(context.store, backbone);
  assertSize(parsed, preprocessing, path);
  const onnx = buildExtractor(parsed, { preprocessing, pixels: backbone.pixels });
  return embedRows(context, data, { onnx, path, size: preprocessing.size });
}
