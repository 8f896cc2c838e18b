import type { InferenceStage } from '../../monitoring/index.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import {
  type Decision,
  decide,
  encodedLength,
  imageMediaTypes,
} from '../../platform/transforms/index.ts';
import type { Answer, Row } from '../schemas.ts';
import { buildAnswer } from './answer.ts';
import type { ServedModel } from './models.ts';
import { decodePhotos, measurePhotos, type Properties, scalePhotos } from './photos.ts';
import type { Pool } from './pool.ts';
import { assertRow, encodeRows } from './rows.ts';

/** Is told what happens while inputs are answered; metrics are one. */
export interface Observer {
  stage(model: ServedModel, stage: InferenceStage, seconds: number): void;
  /** One answered input. */
  answered(model: ServedModel, decision: Decision, properties: Properties): void;
}

/** Raw network output with each example's decision. */
export interface Inference {
  readonly decisions: readonly Decision[];
  /** [batch, width] */
  readonly output: Float32Array;
}

/** Answers inputs with a model: the same decoding, scaling and deciding as in training and evaluation. */
export interface Predictor {
  /** @param photos encoded pictures of any format in `imageFormats`. @throws MainstemError IMAGE_*, REQUEST_TYPE, SERVING_* */
  predictPhotos(model: ServedModel, photos: readonly Uint8Array[]): Promise<Answer>;
  /** @throws MainstemError ROW_INVALID, REQUEST_TYPE, SERVING_* */
  predictRows(model: ServedModel, rows: readonly Row[]): Promise<Answer>;
  /** Photos to raw output. @throws MainstemError IMAGE_*, REQUEST_TYPE, SERVING_* */
  inferPhotos(model: ServedModel, photos: readonly Uint8Array[]): Promise<Inference>;
  /** Network input, as preprocessing gives it, to raw output; the array is empty afterwards. */
  inferTensor(
    model: ServedModel,
    input: Float32Array<ArrayBuffer>,
    batch: number,
  ): Promise<Inference>;
}

/** @param observer is told of everything answered; leave out for answers that must not be counted. */
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

  const predictRows = async (model: ServedModel, rows: readonly Row[]): Promise<Answer> => {
    const { preprocessing } = model.record;
    if (preprocessing.kind !== 'table') throw wrongType('rows', imageMediaTypes.join(', '));
    const input = await timed(model, 'preprocess', () => {
      rows.forEach((row, index) => {
        assertRow(preprocessing, row, index);
      });
      return encodeRows(rows, preprocessing);
    });
    return buildAnswer(model, (await infer(model, input, rows)).decisions);
  };

  return {
    inferPhotos,
    predictRows,
    predictPhotos: async (model, photos) =>
      buildAnswer(model, (await inferPhotos(model, photos)).decisions),
    inferTensor: (model, input, batch) =>
      infer(
        model,
        input,
        Array.from({ length: batch }, () => ({})),
      ),
  };
}

const silent: Observer = { stage: () => {}, answered: () => {} };

/** Of one example, as the network takes it. */
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

/** JSON knows no NaN and no infinity, and neither is an answer. @throws MainstemError SERVING_OUTPUT_INVALID */
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
