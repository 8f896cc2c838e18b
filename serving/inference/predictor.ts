import type { InferenceStage } from '../../monitoring/index.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import {
  type Decision,
  decide,
  decisionRules,
  encodedLength,
} from '../../platform/transforms/index.ts';
import type { Predicted, Row } from '../schemas.ts';
import type { BatchResult } from './messages.ts';
import type { ServedModel } from './models.ts';
import { photoMediaTypes } from './photo-formats.ts';
import type { Photos } from './photos.ts';
import type { Pool } from './pool.ts';
import { buildPrediction } from './prediction.ts';
import { encodeRows, findUnknown, readRow } from './rows.ts';

/** What was measured about an input: image properties, table columns, its score. */
export type Properties = Readonly<Record<string, number | string | null>>;

/** Observes how inputs are answered, for metrics. */
export interface Observer {
  /** Called after each stage of an answer. */
  stage(model: ServedModel, stage: InferenceStage, seconds: number): void;
  /** Called once for each answered input. */
  answered(model: ServedModel, decision: Decision, properties: Properties): void;
}

/** Raw network output with each example's decision. */
export interface Inference {
  readonly decisions: readonly Decision[];
  /** [batch, width] */
  readonly output: Float32Array;
  /** Of each example, its score among them. */
  readonly properties: readonly Properties[];
}

/** A response, and what was measured of each of its inputs. */
export interface Answered extends Predicted {
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
  ): Promise<Answered>;
  /**
   * Predicts one result per row.
   *
   * @throws MainstemError ROW_INVALID, REQUEST_TYPE (the model takes photos), SERVING_*
   */
  predictRows(model: ServedModel, rows: readonly Row[], signal?: AbortSignal): Promise<Answered>;
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
 * @example
 * const predictor = createPredictor(pool, photos);
 * (await predictor.predictRows(model, [{ bill_length_mm: 39.1 }])).results[0]?.class; // 'adelie'
 */
export function createPredictor(
  pool: Pool,
  photos: Photos,
  observer: Observer = silent,
): Predictor {
  const timed = async <T>(
    model: ServedModel,
    stage: InferenceStage,
    work: () => T | Promise<T>,
  ): Promise<T> => {
    const began = performance.now();
    const result = await work();
    observer.stage(model, stage, (performance.now() - began) / 1000);
    return result;
  };

  const decideAll = (
    model: ServedModel,
    results: readonly BatchResult[],
    properties: readonly Properties[],
  ): Promise<Inference> =>
    timed(model, 'postprocess', () => {
      const output = joined(results.map((result) => result.output));
      const embedding = joined(results.map((result) => result.embedding));
      const decisions = decideEach(model, output, embedding, properties.length);
      assertFinite(decisions, output);
      const measured = decisions.map(({ score }, index) => ({ ...properties[index], score }));
      decisions.forEach((decision, index) => {
        observer.answered(model, decision, measured[index] ?? {});
      });
      return { decisions, output, properties: measured };
    });

  const infer = async (
    model: ServedModel,
    input: Float32Array<ArrayBuffer>,
    properties: readonly Properties[],
    signal: AbortSignal,
  ): Promise<Inference> => {
    const shape = [properties.length, ...inputShape(model)];
    const result = await timed(model, 'infer', () => pool.run(model.name, input, shape, signal));
    signal.throwIfAborted();
    return decideAll(model, [result], properties);
  };

  const inferPhotos = async (
    model: ServedModel,
    files: readonly Uint8Array[],
    signal = never,
  ): Promise<Inference> => {
    if (model.record.preprocessing.kind !== 'image') throw wrongType('photos', 'rows as JSON');
    const began = performance.now();
    const results = await photos.compute(model, files, signal);
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
      model,
      results,
      results.map(({ properties }) => ({ ...properties })),
    );
  };

  const predictRows = async (
    model: ServedModel,
    rows: readonly Row[],
    signal = never,
  ): Promise<Answered> => {
    const { preprocessing } = model.record;
    if (preprocessing.kind !== 'table') throw wrongType('rows', photoMediaTypes.join(', '));
    const [read, input] = await timed(model, 'preprocess', () => {
      const values = rows.map((row, index) => readRow(preprocessing, row, index));
      return [values, encodeRows(values, preprocessing)] as const;
    });
    const { decisions, properties } = await infer(model, input, read, signal);
    const unknown = read.map((values) => findUnknown(preprocessing, values));
    return { ...buildPrediction(model, decisions, unknown), properties };
  };

  return {
    inferPhotos,
    predictRows,
    predictPhotos: async (model, photos, signal) => {
      const { decisions, properties } = await inferPhotos(model, photos, signal);
      return { ...buildPrediction(model, decisions), properties };
    },
    inferTensor: (model, input, batch, signal = never) => {
      const properties = Array.from({ length: batch }, () => ({}));
      return infer(model, input, properties, signal);
    },
  };
}

/** For work that nobody can give up. */
const never = new AbortController().signal;

const silent: Observer = { stage: () => {}, answered: () => {} };

/** The shape of one example as the network takes it: `[size, size, 3]` for photos, `[width]` for rows. */
export function inputShape({ record }: ServedModel): number[] {
  const { preprocessing } = record;
  if (preprocessing.kind === 'image') return [preprocessing.size, preprocessing.size, 3];
  return [encodedLength(preprocessing)];
}

function decideEach(
  { record }: ServedModel,
  output: Float32Array,
  embedding: Float32Array,
  batch: number,
): Decision[] {
  const rules = decisionRules(record);
  const row = (values: Float32Array, index: number) => {
    const width = values.length / batch;
    return values.subarray(index * width, (index + 1) * width);
  };
  return Array.from({ length: batch }, (_, index) =>
    decide({ output: row(output, index), embedding: row(embedding, index) }, rules),
  );
}

/** One after another; the only one as it is. */
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

/** JSON has no NaN or infinity, and neither is an answer. @throws MainstemError SERVING_OUTPUT_INVALID */
function assertFinite(decisions: readonly Decision[], output: Float32Array): void {
  const width = output.length / decisions.length;
  decisions.forEach(({ probabilities, score }, index) => {
    const raw = output.subarray(index * width, (index + 1) * width);
    if ([score, ...probabilities, ...raw].every(Number.isFinite)) return;
    throw new MainstemError('SERVING_OUTPUT_INVALID', { input: index + 1 });
  });
}

function wrongType(type: string, allowed: string): MainstemError {
  return new MainstemError('REQUEST_TYPE', { type, allowed });
}
