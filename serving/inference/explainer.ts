import { MainstemError } from '../../platform/lib/errors.ts';
import type { Decision } from '../../platform/transforms/index.ts';
import type { Result, Row } from '../schemas.ts';
import { decideBatch } from './decide-batch.ts';
import { type Features, noFeatures } from './features.ts';
import type { ModelMemory } from './memory.ts';
import type { PhotoResult } from './messages.ts';
import { type ServedModel, sessionOf } from './models.ts';
import { mapEffects, type OcclusionEffects, planCovers } from './occlusion.ts';
import { photoMediaTypes } from './photo-formats.ts';
import type { Photos } from './photos.ts';
import type { Pool } from './pool.ts';
import { buildPrediction } from './prediction.ts';
import { everythingLoaded, wrongType } from './predictor.ts';
import { type ColumnReplacement, planReplacements } from './replacement.ts';
import { encodeRows, findBlank, findUnknown, readRow } from './rows.ts';

/** How an answer changes with a part of its input. */
interface Effects {
  /** Whose probability the effects are of; null for a regression, where they are of the value. */
  readonly class: string | null;
  /** How many inputs were computed for it, the input itself included. */
  readonly computed: number;
}

/** A photo's parts. */
export interface PhotoEffects extends Effects, OcclusionEffects {
  readonly kind: 'photo';
}

/** A row's columns. */
export interface RowEffects extends Effects {
  readonly kind: 'row';
  /** In the order of the columns; `effect` is by how much the number falls with the replacement. */
  readonly columns: readonly (Omit<ColumnReplacement, 'row'> & { readonly effect: number })[];
}

/** An answer, and what it depends on. */
export interface Explained {
  readonly result: Result;
  /** Null for an input that is refused. */
  readonly effects: PhotoEffects | RowEffects | null;
}

/** Explains answers by computing many changed copies of one input, within limits that hold for all requests together. */
export interface Explainer {
  /** @throws MainstemError EXPLAIN_TOO_SLOW, SERVING_*, IMAGE_*, REQUEST_TYPE (the model takes rows) */
  explainPhoto(model: ServedModel, photo: Uint8Array, signal: AbortSignal): Promise<Explained>;
  /** @throws MainstemError EXPLAIN_TOO_SLOW, SERVING_*, ROW_INVALID, REQUEST_TYPE (the model takes photos) */
  explainRow(model: ServedModel, row: Row, signal: AbortSignal): Promise<Explained>;
}

/** Limits of explanations. */
export interface ExplainLimits {
  /** Most at once. */
  readonly explanations: number;
  /** Seconds that one may take. */
  readonly explainSeconds: number;
}

/**
 * Covered photos of one batch. A thread finishes the batch that it has begun, and a prediction waits for as long at most; there is
 * one batch of an explanation in the pool at a time.
 */
const batchSize = 8;

/** Creates what explains answers; all requests share one. Nothing of it is counted as a prediction. */
export function createExplainer(
  pool: Pool,
  photos: Photos,
  limits: ExplainLimits,
  features: Features = noFeatures,
  memory: Pick<ModelMemory, 'use'> = everythingLoaded,
): Explainer {
  let running = 0;
  const within = async <T>(
    model: ServedModel,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ) => {
    const { explanations: most, explainSeconds: seconds } = limits;
    if (running >= most) {
      throw new MainstemError('SERVING_BUSY', { reason: 'it explains as much as it can at once' });
    }
    running += 1;
    const late = new AbortController();
    const giveUp = () => late.abort(new MainstemError('EXPLAIN_TOO_SLOW', { seconds }));
    const timer = setTimeout(giveUp, seconds * 1000);
    let release = () => {};
    try {
      const both = AbortSignal.any([signal, late.signal]);
      release = await memory.use(model, { signal: both });
      return await work(both);
    } finally {
      release();
      clearTimeout(timer);
      running -= 1;
    }
  };
  return {
    explainPhoto: (model, photo, signal) =>
      within(model, signal, (both) => explainPhoto({ pool, photos, model, signal: both }, photo)),
    explainRow: (model, row, signal) =>
      within(model, signal, (both) => explainRow({ pool, features, model, signal: both }, row)),
  };
}

interface Explaining {
  readonly pool: Pool;
  readonly model: ServedModel;
  readonly signal: AbortSignal;
}

async function explainPhoto(
  { photos, ...rest }: Explaining & { readonly photos: Photos },
  photo: Uint8Array,
): Promise<Explained> {
  const { model, signal } = rest;
  if (model.record.preprocessing.kind !== 'image') throw wrongType('photos', 'rows as JSON');
  const [seen] = await photos.compute(model, [photo], signal, true);
  if (!seen) throw new TypeError('a photo has no answer');
  const [decision] = decideBatch(model, seen.output, seen.embedding, 1);
  const [result] = buildPrediction(model, decision ? [decision] : []).results;
  if (!decision || !result) throw new TypeError('a photo has no decision');
  if (!result.accepted) return { result, effects: null };
  return { result, effects: await coverParts(rest, seen, decision) };
}

async function coverParts(
  { pool, model, signal }: Explaining,
  { input }: PhotoResult,
  decision: Decision,
): Promise<PhotoEffects> {
  const { preprocessing } = model.record;
  if (!input || preprocessing.kind !== 'image') throw new TypeError('the input was not kept');
  const { size } = preprocessing;
  const covers = planCovers(input, size);
  const number = numberOf(model, decision);
  const falls: number[] = [];
  while (falls.length < covers.length) {
    const batch = covers.slice(falls.length, falls.length + batchSize);
    const computed = await pool.runCovered(
      sessionOf(model),
      { input, size, covers: batch },
      signal,
    );
    const decided = decideBatch(model, computed.output, computed.embedding, batch.length);
    falls.push(...decided.map((covered) => number(decision) - number(covered)));
  }
  const named = decision.predicted;
  return {
    ...{ kind: 'photo', class: named, computed: covers.length + 1 },
    ...mapEffects(falls, size),
  };
}

async function explainRow(
  { pool, features, model, signal }: Explaining & { readonly features: Features },
  row: Row,
): Promise<Explained> {
  const { preprocessing, classes, evaluation } = model.record;
  if (preprocessing.kind !== 'table') throw wrongType('rows', photoMediaTypes.join(', '));
  const filled = features.fill(model, row);
  const values = readRow(preprocessing, filled?.row ?? row, 0);
  const plan = planReplacements(preprocessing, evaluation.profile, values);
  const input = encodeRows([values, ...plan.map((one) => one.row)], preprocessing);
  const rows = plan.length + 1;
  const shape = [rows, input.length / rows];
  const computed = await pool.run(sessionOf(model), input, shape, signal);
  const [decision, ...others] = decideBatch(model, computed.output, computed.embedding, rows);
  if (!decision) throw new TypeError('a row has no decision');
  const facts = {
    unknown: findUnknown(preprocessing, values),
    blank: findBlank(preprocessing, values),
    features: filled?.features ?? null,
  };
  const [result] = buildPrediction(model, [decision], [facts]).results;
  if (!result) throw new TypeError('a row has no answer');
  if (!result.accepted) return { result, effects: null };
  const number = numberOf(model, decision);
  const columns = plan.map(({ row: _, ...replacement }, index) => {
    const other = others[index];
    return { ...replacement, effect: other ? number(decision) - number(other) : 0 };
  });
  const named = classes.length === 0 ? null : decision.predicted;
  return { result, effects: { kind: 'row', class: named, computed: rows, columns } };
}

/** What effects are of: the probability of the class that a decision names, or the value. */
function numberOf({ record }: ServedModel, { predicted }: Decision): (one: Decision) => number {
  const at = Math.max(0, record.classes.indexOf(predicted));
  return ({ probabilities }) => probabilities[at] ?? 0;
}
