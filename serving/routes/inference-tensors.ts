import { MainstemError } from '../../platform/lib/errors.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { renderCsvLine } from '../../platform/lib/render-csv-line.ts';
import { shorten } from '../../platform/lib/text.ts';
import { inputShape, type ServedModel } from '../inference/models.ts';
import { photoFormatNames } from '../inference/photo-formats.ts';
import type { Inference } from '../inference/predictor.ts';
import { invalidRequest } from '../invalid-request.ts';
import {
  bytesOf,
  describeRaw,
  type RawTensor,
  readElements,
  readNumbers,
} from './binary-tensors.ts';
import type {
  InferenceRequest,
  ModelMetadata,
  RequestTensor,
  ResponseTensor,
} from './inference-schemas.ts';
import { elementsOf } from './json-numbers.ts';

/** The tensor that the network takes, or photos that must first be decoded as in training. */
export type InferenceInput =
  | { readonly kind: 'tensor'; readonly data: Float32Array<ArrayBuffer>; readonly batch: number }
  | { readonly kind: 'photos'; readonly photos: readonly Uint8Array[] };

/** Describes a model's inputs and outputs in the terms of the protocol. */
export function buildMetadata(model: ServedModel): ModelMetadata {
  const outputs = outputsOf(model);
  const isImage = model.record.preprocessing.kind === 'image';
  return {
    name: model.name,
    versions: [model.version],
    platform: 'onnx_onnxv1',
    inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, ...inputShape(model)] }],
    outputs: outputs.map(({ name, datatype, width }) => ({
      name,
      datatype,
      shape: width === null ? [-1] : [-1, width],
    })),
    parameters: {
      digest: model.pointer.record,
      // As a line of CSV: a name may hold commas and quotes.
      classes: renderCsvLine(model.record.classes),
      ...(takesGaps(model) ? { gaps: 'null in the data of FP32 or FP64' } : {}),
      ...(isImage
        ? { alternative_input: `image: BYTES [-1], each a ${photoFormatNames}, base64 in JSON` }
        : {}),
    },
  };
}

/**
 * Parses the only input tensor of a request.
 *
 * @param limits most rows or photos: the first dimension.
 * @throws MainstemError REQUEST_INVALID, REQUEST_TOO_MANY
 */
export function parseTensor(
  model: ServedModel,
  { inputs }: InferenceRequest,
  limits: { readonly rows: number; readonly files: number },
): InferenceInput {
  const [tensor] = inputs;
  if (!tensor || inputs.length > 1)
    throw invalidRequest(`expected 1 input, found ${inputs.length}`);
  const isImage = model.record.preprocessing.kind === 'image';
  if (tensor.name === 'image' && isImage) return parseImages(tensor, limits.files);
  if (tensor.name !== 'input') {
    throw invalidRequest(
      `there is no input "${shorten(tensor.name)}", only "input"${isImage ? ' or "image"' : ''}`,
    );
  }
  return parseFloats(tensor, model, limits.rows);
}

/** Whether a missing value is one to the model itself, as to trees; to a network it is a number like any other. */
function takesGaps({ record: { preprocessing } }: ServedModel): boolean {
  return preprocessing.kind === 'table' && preprocessing.encoding === 'codes';
}

/** What a body that is only bytes means for a model: one photo, or the numbers of one row. */
export function describeBytes(model: ServedModel, raw: RawTensor): InferenceRequest {
  const isImage = model.record.preprocessing.kind === 'image';
  const input = { name: 'input', datatype: 'FP32', shape: [1, ...inputShape(model)] };
  return describeRaw(raw, isImage ? { name: 'image', datatype: 'BYTES', shape: [1] } : input);
}

/** The datatypes of the protocol, with the values that they have; JSON has one kind of number for all of them. */
const numberTypes: Readonly<Record<string, (value: number) => boolean>> = {
  FP16: upTo(65_504),
  BF16: upTo((2 - 2 ** -7) * 2 ** 127),
  FP32: () => true,
  FP64: () => true,
  INT8: wholeFrom(-(2 ** 7), 2 ** 7 - 1),
  INT16: wholeFrom(-(2 ** 15), 2 ** 15 - 1),
  INT32: wholeFrom(-(2 ** 31), 2 ** 31 - 1),
  INT64: wholeFrom(-(2 ** 63), 2 ** 63),
  UINT8: wholeFrom(0, 2 ** 8 - 1),
  UINT16: wholeFrom(0, 2 ** 16 - 1),
  UINT32: wholeFrom(0, 2 ** 32 - 1),
  UINT64: wholeFrom(0, 2 ** 64),
};

function upTo(most: number): (value: number) => boolean {
  return (value) => Math.abs(value) <= most;
}

function wholeFrom(least: number, most: number): (value: number) => boolean {
  return (value) => Number.isInteger(value) && value >= least && value <= most;
}

function parseFloats(tensor: RequestTensor, model: ServedModel, limit: number): InferenceInput {
  const rowShape = inputShape(model);
  const isValue = ownValue(numberTypes, tensor.datatype);
  if (!isValue) throw invalidRequest(`"input" is FP32, not ${shorten(tensor.datatype)}`);
  const [batch = 0, ...rest] = tensor.shape;
  assertCount(tensor, 'rows');
  if (rest.join() !== rowShape.join()) {
    const expected = [-1, ...rowShape].join(', ');
    throw invalidRequest(`"input" has shape [${expected}], not [${tensor.shape.join(', ')}]`);
  }
  assertBatch(batch, limit);
  const bytes = bytesOf(tensor);
  const { datatype } = tensor;
  const data = bytes
    ? readNumbers(bytes, { datatype, count: sizeOf(tensor.shape) })
    : readJsonNumbers(tensor, model, isValue);
  if (!holdsNumbers(data, takesGaps(model)))
    throw invalidRequest('"input" holds numbers that FP32 cannot hold');
  return { kind: 'tensor', data, batch };
}

/**
 * Whether all are finite, or gaps, which are NaN: in bytes as it is, in JSON as null. A plain comparison, because a call for
 * each number makes an object of it.
 */
function holdsNumbers(data: Float32Array, gaps: boolean): boolean {
  for (let index = 0; index < data.length; index++) {
    const size = Math.abs(data[index] ?? 0);
    // Neither is true of NaN.
    if (!(size < Number.POSITIVE_INFINITY || (gaps && !(size >= 0)))) return false;
  }
  return true;
}

function readJsonNumbers(
  tensor: RequestTensor,
  model: ServedModel,
  isValue: (value: number) => boolean,
): Float32Array<ArrayBuffer> {
  const { shape, datatype } = tensor;
  const values = flatten(elementsOf(tensor), shape);
  if (values instanceof Float32Array) return values;
  const numbers = new Float32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === 'number') {
      if (!isValue(value)) throw invalidRequest(`"input" holds ${value}, which is not ${datatype}`);
      numbers[index] = value;
    } else if (value === null) {
      assertGap(model, tensor);
      numbers[index] = Number.NaN;
    } else throw invalidRequest(`"input" holds something other than numbers`);
  }
  return numbers;
}

/** Datatypes that have a NaN, which JSON has not: a gap is null there. */
export const gapTypes: readonly string[] = ['FP16', 'BF16', 'FP32', 'FP64'];

/** @throws MainstemError REQUEST_INVALID where the model or the datatype knows no gaps */
function assertGap(model: ServedModel, { datatype }: RequestTensor): void {
  if (!takesGaps(model)) {
    const gap = '"input" holds null, but to this model a missing value is a number';
    throw invalidRequest(`${gap}: send rows to /models/${model.name}/predict, where null is a gap`);
  }
  if (!gapTypes.includes(datatype)) {
    throw invalidRequest(`"input" holds null, which is not ${datatype}: gaps need FP32 or FP64`);
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The elements of a tensor whose data is flat, or nested exactly as its shape says. */
function flatten(
  data: ReturnType<typeof elementsOf>,
  shape: readonly number[],
): ReturnType<typeof elementsOf> {
  const size = sizeOf(shape);
  if (ArrayBuffer.isView(data) || !data.some(Array.isArray)) {
    if (data.length === size) return data;
    throw invalidRequest(`"input" needs ${size} numbers, found ${data.length}`);
  }
  const values: unknown[] = [];
  const collect = (part: unknown, [length, ...inner]: readonly number[]) => {
    if (length === undefined) values.push(part);
    else if (!Array.isArray(part) || part.length !== length) {
      throw invalidRequest(
        `the data of "input" is not nested as its shape [${shape.join(', ')}] says`,
      );
    } else for (const element of part) collect(element, inner);
  };
  collect(data, shape);
  return values;
}

function parseImages(tensor: RequestTensor, limit: number): InferenceInput {
  if (tensor.datatype !== 'BYTES')
    throw invalidRequest(`"image" is BYTES, not ${shorten(tensor.datatype)}`);
  const [batch = 0] = tensor.shape;
  const isColumn = tensor.shape.length === 2 && tensor.shape[1] === 1;
  assertCount(tensor, 'photos');
  if (!(isColumn || tensor.shape.length === 1)) {
    throw invalidRequest(`"image" has shape [-1], not [${tensor.shape.join(', ')}]`);
  }
  assertBatch(batch, limit);
  const bytes = bytesOf(tensor);
  if (bytes) return { kind: 'photos', photos: readElements(bytes, batch) };
  const values = Array.from(elementsOf(tensor)).flat(1);
  if (values.length !== batch) {
    throw invalidRequest(`"image" needs ${batch} elements, found ${values.length}`);
  }
  const photos = values.map((value) => {
    if (typeof value !== 'string')
      throw invalidRequest('"image" holds something other than base64 strings');
    return Buffer.from(value, 'base64');
  });
  return { kind: 'photos', photos };
}

/** The -1 of a model's description stands for any number; a request has to say how many there are. */
function assertCount({ name, shape }: RequestTensor, unit: string): void {
  const [count] = shape;
  if (count !== undefined && count >= 1) return;
  const found = count === undefined ? 'nothing' : String(count);
  throw invalidRequest(
    `the first number in the shape of "${name}" must be how many ${unit} are sent, not ${found}`,
  );
}

function assertBatch(batch: number, limit: number): void {
  if (batch > limit) throw new MainstemError('REQUEST_TOO_MANY', { limit, unit: 'inputs' });
}

/**
 * The requested outputs of an inference, or all of them.
 *
 * @param asked empty or undefined for all.
 * @throws MainstemError REQUEST_INVALID for an unknown output
 */
export function buildOutputs(
  model: ServedModel,
  inference: Inference,
  asked: InferenceRequest['outputs'],
): ResponseTensor[] {
  assertOutputs(model, asked);
  const wanted = asked?.map(({ name }) => name);
  const batch = inference.decisions.length;
  return outputsOf(model)
    .filter(({ name }) => !wanted?.length || wanted.includes(name))
    .map(({ name, datatype, width, values }) => ({
      name,
      datatype,
      shape: width === null ? [batch] : [batch, width],
      data: values(inference),
    }));
}

/** Checks the requested outputs. @throws MainstemError REQUEST_INVALID for an unknown output */
export function assertOutputs(model: ServedModel, asked: InferenceRequest['outputs'] = []): void {
  const known = outputsOf(model).map(({ name }) => name);
  const names = asked.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw invalidRequest(`there is no output "${shorten(unknown)}", only ${known.join(', ')}`);
  }
}

interface Output {
  readonly name: string;
  readonly datatype: 'FP32' | 'BYTES' | 'BOOL';
  /** Values per example; null for one value without a dimension of its own. */
  readonly width: number | null;
  readonly values: (inference: Inference) => (number | string | boolean)[];
}

const outputsOfModels = new WeakMap<ServedModel, readonly Output[]>();

function outputsOf(model: ServedModel): readonly Output[] {
  const found = outputsOfModels.get(model) ?? describeOutputs(model);
  outputsOfModels.set(model, found);
  return found;
}

function describeOutputs({ record }: ServedModel): Output[] {
  const raw: Output = {
    name: 'output',
    datatype: 'FP32',
    width: record.classes.length || 1,
    values: ({ output }) => Array.from(output),
  };
  const common: Output[] = [
    {
      name: 'accepted',
      datatype: 'BOOL',
      width: null,
      values: ({ decisions }) => decisions.map(({ accepted }) => accepted),
    },
    {
      name: 'score',
      datatype: 'FP32',
      width: null,
      values: ({ decisions }) => decisions.map(({ score }) => score),
    },
  ];
  if (record.classes.length === 0) return [raw, ...common];
  const classes: Output[] = [
    {
      name: 'class',
      datatype: 'BYTES',
      width: null,
      values: ({ decisions }) => decisions.map(({ predicted }) => predicted),
    },
    {
      name: 'probabilities',
      datatype: 'FP32',
      width: record.classes.length,
      values: ({ decisions }) => decisions.flatMap(({ probabilities }) => probabilities),
    },
  ];
  return [...classes, ...common, raw];
}
