import { MainstemError } from '../../platform/lib/errors.ts';
import { typicalRow } from '../../platform/transforms/index.ts';
import { inputShape, type ServedModel, sessionOf } from './models.ts';
import type { Pool } from './pool.ts';
import type { Predictor } from './predictor.ts';

/**
 * Lets a model answer one input on the way that requests take, before any request reaches it. A record holds no example, so the
 * input is made from its preprocessing: a grey picture, or a row of the training data's means. The answer must be one that the
 * record allows; whether it is accepted does not matter.
 *
 * @param predictor one that counts nothing
 * @throws MainstemError SERVING_REHEARSAL_FAILED, SERVING_*
 */
export async function rehearse(
  model: ServedModel,
  { pool, predictor }: { readonly pool: Pool; readonly predictor: Predictor },
): Promise<void> {
  const { record } = model;
  const { preprocessing } = record;
  const width = Math.max(1, record.classes.length);
  const outputs = await outputsOf(model, pool);
  if (outputs !== width) throw failed(model, `its network has ${outputs} outputs, not ${width}`);
  const { results } =
    preprocessing.kind === 'image'
      ? await predictor.predictPhotos(model, [await greyPhoto(preprocessing.size)])
      : await predictor.predictRows(model, [typicalRow(preprocessing)]);
  const [result] = results;
  const sum = Object.values(result?.probabilities ?? {}).reduce((total, one) => total + one, 0);
  const isClass = record.classes.includes(result?.class ?? '') && Math.abs(sum - 1) < 0.01;
  const isNumber = record.classes.length === 0 && Number.isFinite(result?.value);
  if (isClass || isNumber) return;
  const label = JSON.stringify(result?.label ?? null);
  throw failed(model, `to a typical input it answers ${label}, its probabilities sum to ${sum}`);
}

function failed({ name, version }: ServedModel, reason: string): MainstemError {
  return new MainstemError('SERVING_REHEARSAL_FAILED', { model: name, version, reason });
}

async function outputsOf(model: ServedModel, pool: Pool): Promise<number> {
  const shape = inputShape(model);
  const input = new Float32Array(shape.reduce((product, side) => product * side, 1));
  return (await pool.run(sessionOf(model), input, [1, ...shape])).output.length;
}

/** Loaded only here: nothing else that serves makes pictures. */
async function greyPhoto(size: number): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const side = Math.max(size, 64);
  const create = { width: side, height: side, channels: 3, background: '#808080' } as const;
  return sharp({ create }).png().toBuffer();
}
