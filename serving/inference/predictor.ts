import type { InferenceStage } from '../../monitoring/index.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import {
  type Decision,
  decide,
  encodedLength,
  imageMediaTypes,
} from '../../platform/transforms/index.ts';
import type { Prediction, Row } from '../schemas.ts';
import type { ServedModel } from './models.ts';
import { decodePhotos, measurePhotos, type Properties, scalePhotos } from './photos.ts';
import type { Pool } from './pool.ts';
import { buildPrediction } from './prediction.ts';
import { assertRow, encodeRows } from './rows.ts';

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
}

/** Answers inputs with a model: decodes, scales and decides in the same way as training and evaluation. */
export interface Predictor {
  /**
   * Predicts one result per photo.
   *
   * @param photos encoded pictures of any format in `imageFormats`.
   * @throws MainstemError IMAGE_*, REQUEST_TYPE (the model takes rows), SERVING_*
   */
  predictPhotos(model: ServedModel, photos: readonly Uint8Array[]): Promise<Prediction>;
  /**
   * Predicts one result per row.
   *
   * @throws MainstemError ROW_INVALID, REQUEST_TYPE (the model takes photos), SERVING_*
   */
  predictRows(model: ServedModel, rows: readonly Row[]): Promise<Prediction>;
  /** Computes the raw output for photos. @throws MainstemError IMAGE_*, REQUEST_TYPE, SERVING_* */
  inferPhotos(model: ServedModel, photos: readonly Uint8Array[]): Promise<Inference>;
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
  ): Promise<Inference>;
}

/**
 * Creates a predictor that computes in a pool.
 *
 * @param observer sees every answer; leave it out for answers that must not be counted.
 * @example (await createPredictor(pool).predictRows(model, [{ bill_length_mm: 39.1 }])).results[0]?.class // 'adelie'
 */
export function createPredictor(pool: Pool, observer: Observer = silent): Predictor {
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

  const infer = async (
    model: ServedModel,
    input: Float32Array<ArrayBuffer>,
    properties: readonly Properties[],
  ): Promise<Inference> => {
    const batch = properties.length;
    const shape = [batch, ...inputShape(model)];
    const result = await timed(model, 'infer', () => pool.run(model.name, input, shape));
    return timed(model, 'postprocess', () => {
      const decisions = decideAll(model, result.output, result.embedding, batch);
      assertFinite(decisions, result.output);
      decisions.forEach((decision, index) => {
        observer.answered(model, decision, { ...properties[index], score: decision.score });
      });
      return { decisions, output: result.output };
    });
  };

  const inferPhotos = async (
    model: ServedModel,
    photos: readonly Uint8Array[],
  ): Promise<Inference> => {
    const { preprocessing } = model.record;
    if (preprocessing.kind !== 'image') throw wrongType('photos', 'rows as JSON');
    const [pixels, properties] = await timed(model, 'decode', () =>
      Promise.all([
        decodePhotos(photos, preprocessing.size),
        measurePhotos(photos, model.record.evaluation.profile),
      ]),
    );
    const input = await timed(model, 'preprocess', () => scalePhotos(pixels, preprocessing));
    return infer(model, input, properties);
  };

  const predictRows = async (model: ServedModel, rows: readonly Row[]): Promise<Prediction> => {
    const { preprocessing } = model.record;
    if (preprocessing.kind !== 'table') throw wrongType('rows', imageMediaTypes.join(', '));
    const input = await timed(model, 'preprocess', () => {
      rows.forEach((row, index) => {
        assertRow(preprocessing, row, index);
      });
      return encodeRows(rows, preprocessing);
    });
    return buildPrediction(model, (await infer(model, input, rows)).decisions);
  };

  return {
    inferPhotos,
    predictRows,
    predictPhotos: async (model, photos) =>
      buildPrediction(model, (await inferPhotos(model, photos)).decisions),
    inferTensor: (model, input, batch) =>
      infer(
        model,
        input,
        Array.from({ length: batch }, () => ({})),
      ),
  };
}

const silent: Observer = { stage: () => {}, answered: () => {} };

/** The shape of one example as the network takes it: `[size, size, 3]` for photos, `[width]` for rows. */
export function inputShape({ record }: ServedModel): number[] {
  const { preprocessing } = record;
  if (preprocessing.kind === 'image') return [preprocessing.size, preprocessing.size, 3];
  return [encodedLength(preprocessing)];
}

function decideAll(
  { record }: ServedModel,
  output: Float32Array,
  embedding: Float32Array,
  batch: number,
): Decision[] {
  const { temperature, outOfDistribution } = record.evaluation;
  const rules = { classes: record.classes, temperature, outOfDistribution };
  const row = (values: Float32Array, index: number) => {
    const width = values.length / batch;
    return values.subarray(index * width, (index + 1) * width);
  };
  return Array.from({ length: batch }, (_, index) =>
    decide({ output: row(output, index), embedding: row(embedding, index) }, rules),
  );
}

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
