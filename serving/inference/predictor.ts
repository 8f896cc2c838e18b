import type { AnswerOutcome, InferenceStage } from '../../monitoring/index.ts';
import type { FilledRow } from '../../platform/features/index.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { Decision } from '../../platform/transforms/index.ts';
import type { Predicted, Row } from '../schemas.ts';
import { decideBatch } from './decide-batch.ts';
import { type Features, noFeatures } from './features.ts';
import type { ModelMemory } from './memory.ts';
import type { BatchResult } from './messages.ts';
import { inputShape, type ServedModel, sessionOf } from './models.ts';
import { photoMediaTypes } from './photo-formats.ts';
import type { Photos } from './photos.ts';
import type { Pool } from './pool.ts';
import { buildPrediction, type RowFacts } from './prediction.ts';
import { encodeRows, findBlank, findUnknown, readRow } from './rows.ts';

/** What was measured about an input: image properties, table columns, its score. */
export type Properties = Readonly<Record<string, number | string | null>>;

/** Observes how inputs are answered, for metrics. */
export interface Observer {
  /** Called after each stage of an answer. */
  stage(model: ServedModel, stage: InferenceStage, seconds: number): void;
  /** Called once for each request that a version answered, or had no answer to. A request that is at fault is neither. */
  ended(model: ServedModel, outcome: AnswerOutcome): void;
  /** Called once for each answered input. */
  answered(model: ServedModel, decision: Decision, properties: Properties): void;
  /** Called once for each row of a model that looks up features. */
  lookedUp(model: ServedModel, features: FilledRow['features']): void;
}

/** Raw network output with each example's decision. */
export interface Inference {
  readonly decisions: readonly Decision[];
  /** [batch, width] */
  readonly output: Float32Array;
  /** What the answer says about each row; left out for photos and tensors. */
  readonly facts?: readonly RowFacts[];
  /** Of each example, its score among them. */
  readonly properties: readonly Properties[];
}

/**
 * Answers inputs with a model: decodes, scales and decides in the same way as training and evaluation. Each method
 * takes a signal that ends its work before the next step; the promise is then rejected with the signal's reason.
 */
export interface Predictor {
  /**
   * Predicts one result per photo.
   *
   * @param photos encoded pictures: JPEG, PNG or WebP.
   * @throws MainstemError IMAGE_*, REQUEST_TYPE (the model takes rows), SERVING_*
   */
  predictPhotos(
    model: ServedModel,
    photos: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<Predicted>;
  /**
   * Predicts one result per row.
   *
   * @throws MainstemError ROW_INVALID, REQUEST_TYPE (the model takes photos), SERVING_*
   */
  predictRows(model: ServedModel, rows: readonly Row[], signal?: AbortSignal): Promise<Predicted>;
  /** Computes the raw output for rows. @throws MainstemError ROW_INVALID, REQUEST_TYPE, SERVING_* */
  inferRows(model: ServedModel, rows: readonly Row[], signal?: AbortSignal): Promise<Inference>;
  /** Computes the raw output for photos. @throws MainstemError IMAGE_*, REQUEST_TYPE, SERVING_* */
  inferPhotos(
    model: ServedModel,
    photos: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<Inference>;
  /**
   * Computes the raw output for preprocessed input. The array is empty afterwards.
   *
   * @param input [batch, …{@link inputShape}], row-major.
   * @throws MainstemError SERVING_*
   */
  inferTensor(
    model: ServedModel,
    input: Float32Array<ArrayBuffer>,
    batch: number,
    signal?: AbortSignal,
  ): Promise<Inference>;
}

/**
 * Creates a predictor that computes in a pool, photos within limits.
 *
 * @param observer sees every answer; leave it out for answers that must not be counted.
 * @param features fills in what rows lack; leave it out where no model looks anything up.
 * @param memory loads models that are not loaded; leave it out where all that are asked for are.
 * @example
 * const predictor = createPredictor(pool, photos);
 * (await predictor.predictRows(model, [{ bill_length_mm: 39.1 }])).results[0]?.class; // 'adelie'
 */
export function createPredictor(
  pool: Pool,
  photos: Photos,
  observer: Observer = silent,
  features: Features = noFeatures,
  memory: Pick<ModelMemory, 'use'> = everythingLoaded,
): Predictor {
  const parts = { pool, photos, observer, features, memory };
  const inferPhotos: Predictor['inferPhotos'] = (model, files, signal = never) =>
    counted(observer, model, answerPhotos(parts, model, files, signal));
  const inferRows: Predictor['inferRows'] = (model, rows, signal = never) =>
    counted(observer, model, answerRows(parts, model, rows, signal));
  return {
    inferPhotos,
    inferRows,
    inferTensor: (model, input, batch, signal = never) => {
      const properties = Array.from({ length: batch }, () => ({}));
      return counted(observer, model, infer(parts, model, input, properties, signal));
    },
    predictPhotos: (model, files, signal) => predict(model, inferPhotos(model, files, signal)),
    predictRows: (model, rows, signal) => predict(model, inferRows(model, rows, signal)),
  };
}

/** What answers are computed by. */
interface Parts {
  readonly pool: Pool;
  readonly photos: Photos;
  readonly observer: Observer;
  readonly features: Features;
  readonly memory: Pick<ModelMemory, 'use'>;
}

/** Answers photos, which threads decode and compute in one go. */
async function answerPhotos(
  parts: Parts,
  model: ServedModel,
  files: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<Inference> {
  const { photos, observer, memory } = parts;
  if (model.record.preprocessing.kind !== 'image') throw wrongType('photos', 'rows as JSON');
  let began = performance.now();
  const results = await using(memory, model, signal, () => {
    began = performance.now();
    return photos.compute(model, files, signal);
  });
  signal.throwIfAborted();
  const spent = {
    decode: sum(results.map(({ decodeSeconds }) => decodeSeconds)),
    preprocess: sum(results.map(({ preprocessSeconds }) => preprocessSeconds)),
  };
  const seconds = (performance.now() - began) / 1000;
  observer.stage(model, 'decode', spent.decode);
  observer.stage(model, 'preprocess', spent.preprocess);
  // With the time that it waited, as for rows. Several photos are computed side by side.
  observer.stage(model, 'infer', Math.max(0, seconds - spent.decode - spent.preprocess));
  return decideAll(
    observer,
    model,
    results,
    results.map(({ properties }) => ({ ...properties })),
  );
}

/** Answers rows, which are filled in, read and encoded here. */
async function answerRows(
  parts: Parts,
  model: ServedModel,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<Inference> {
  const { observer, features } = parts;
  const { preprocessing } = model.record;
  if (preprocessing.kind !== 'table') throw wrongType('rows', photoMediaTypes.join(', '));
  const [read, input, filled] = await timed(observer, model, 'preprocess', () => {
    const filled = rows.map((row) => features.fill(model, row));
    const values = rows.map((row, index) =>
      readRow(preprocessing, filled[index]?.row ?? row, index),
    );
    return [values, encodeRows(values, preprocessing), filled] as const;
  });
  for (const one of filled) if (one) observer.lookedUp(model, one.features);
  const facts = read.map((values, index) => ({
    unknown: findUnknown(preprocessing, values),
    blank: findBlank(preprocessing, values),
    features: filled[index]?.features ?? null,
  }));
  return { ...(await infer(parts, model, input, read, signal)), facts };
}

/** Answers preprocessed input. @param properties of each example */
async function infer(
  { pool, observer, memory }: Parts,
  model: ServedModel,
  input: Float32Array<ArrayBuffer>,
  properties: readonly Properties[],
  signal: AbortSignal,
): Promise<Inference> {
  const shape = [properties.length, ...inputShape(model)];
  const result = await using(memory, model, signal, () =>
    timed(observer, model, 'infer', () => pool.run(sessionOf(model), input, shape, signal)),
  );
  signal.throwIfAborted();
  return decideAll(observer, model, [result], properties);
}

/** What the outputs of a network say. @param properties of each example, without its score */
function decideAll(
  observer: Observer,
  model: ServedModel,
  results: readonly BatchResult[],
  properties: readonly Properties[],
): Promise<Inference> {
  return timed(observer, model, 'postprocess', () => {
    const output = joined(results.map((result) => result.output));
    const embedding = joined(results.map((result) => result.embedding));
    const decisions = decideBatch(model, output, embedding, properties.length);
    const measured = decisions.map(({ score }, index) => ({ ...properties[index], score }));
    decisions.forEach((decision, index) => {
      observer.answered(model, decision, measured[index] ?? {});
    });
    return { decisions, output, properties: measured };
  });
}

async function predict(model: ServedModel, inference: Promise<Inference>): Promise<Predicted> {
  const { decisions, facts } = await inference;
  return buildPrediction(model, decisions, facts);
}

/** Has a model loaded for some work. Waiting for it is no stage of inference. */
async function using<T>(
  memory: Parts['memory'],
  model: ServedModel,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const release = await memory.use(model, { signal });
  return work().finally(release);
}

/** Tells how long a stage of an answer took. */
async function timed<T>(
  observer: Observer,
  model: ServedModel,
  stage: InferenceStage,
  work: () => T | Promise<T>,
): Promise<T> {
  const began = performance.now();
  const result = await work();
  observer.stage(model, stage, (performance.now() - began) / 1000);
  return result;
}

/** Tells whether a version had an answer. */
async function counted<T>(observer: Observer, model: ServedModel, work: Promise<T>): Promise<T> {
  try {
    const result = await work;
    observer.ended(model, 'answered');
    return result;
  } catch (error) {
    if (isOwnFailure(error)) observer.ended(model, 'failed');
    throw error;
  }
}

/** Whether the version itself is at fault; not where the server is busy, the request is wrong or nobody waits any more. */
export function isOwnFailure(error: unknown): boolean {
  return (
    !isMainstemError(error) ||
    error.code === 'SERVING_WORKER_FAILED' ||
    error.code === 'SERVING_MODEL_UNLOADABLE' ||
    error.code === 'SERVING_MODEL_TOO_LARGE' ||
    error.code === 'SERVING_OUTPUT_INVALID'
  );
}

/** For work that cannot be cancelled. */
const never = new AbortController().signal;

/** For models that are loaded as long as anybody can ask for them. */
export const everythingLoaded: Pick<ModelMemory, 'use'> = { use: async () => () => {} };

const silent: Observer = {
  stage: () => {},
  ended: () => {},
  answered: () => {},
  lookedUp: () => {},
};

/** Joins arrays; a single one is returned as it is. */
function joined(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const whole = new Float32Array(sum(parts.map(({ length }) => length)));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** The error of an input that a model does not take. */
export function wrongType(type: string, allowed: string): MainstemError {
  return new MainstemError('REQUEST_TYPE', { type, allowed });
}
