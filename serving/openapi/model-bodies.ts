import { type TSchema, Type } from 'typebox';
import { sliceNames } from '../../monitoring/index.ts';
import { otherLabel } from '../../platform/schemas/index.ts';
import { inputShape, type ServedModel } from '../inference/models.ts';
import { photoMediaTypes } from '../inference/photo-formats.ts';
import { InferenceRequest, Parameters, RequestTensor } from '../routes/inference-schemas.ts';
import { buildMetadata, gapTypes } from '../routes/inference-tensors.ts';
import { AnsweredBy, LabelById } from '../schemas.ts';
import { cellSchemas } from './cell-schemas.ts';

/** A body of the OpenAPI document: content type → its schema. */
export type Bodies = Readonly<
  Record<string, { readonly schema: TSchema; readonly encoding?: object }>
>;

const photo = Type.String({ format: 'binary' });
const photoParts = { encoding: { file: { contentType: photoMediaTypes.join(', ') } } };

/** What a model takes as inputs. @param most inputs of one request */
export function inputBodies(model: ServedModel, most: number): Bodies {
  if (model.record.preprocessing.kind === 'image') {
    const file = most === 1 ? photo : Type.Array(photo, { minItems: 1, maxItems: most });
    return {
      ...Object.fromEntries(photoMediaTypes.map((type) => [type, { schema: photo }])),
      'multipart/form-data': { schema: Type.Object({ file }), ...photoParts },
    };
  }
  const row = rowSchema(model);
  const rows = Type.Array(row, { minItems: 1, maxItems: most });
  return { 'application/json': { schema: Type.Union([row, rows]) } };
}

/** Corrections of a model’s answers; null for one whose answers are numbers, which cannot be corrected. */
export function feedbackBodies(model: ServedModel): Bodies | null {
  const { record } = model;
  if (record.classes.length === 0) return null;
  const label = Type.Enum([...record.classes, otherLabel]);
  const known = sliceNames(record).map((name) => [
    name,
    Type.Optional(Type.String({ maxLength: 200 })),
  ]);
  const slices = Type.Optional(
    Type.Object(Object.fromEntries(known), { additionalProperties: false }),
  );
  const { id, index } = LabelById.properties;
  // With a row it is a correction of that row.
  const byId = Type.Object({ id, label, index, slices, row: Type.Optional(Type.Never()) });
  if (record.preprocessing.kind === 'image') {
    const fields = {
      label,
      version: Type.Optional(AnsweredBy),
      slices: Type.Optional(Type.Literal('{}', { description: 'as in JSON, as text' })),
      file: photo,
    };
    const form = Type.Object(fields);
    return {
      'multipart/form-data': { schema: form, ...photoParts },
      'application/json': { schema: byId },
    };
  }
  const row = rowSchema(model);
  const either = Type.Union([row, Type.Array(row, { minItems: 1, maxItems: 1 })]);
  const withRow = { label, row: either, version: Type.Optional(AnsweredBy), slices };
  return { 'application/json': { schema: Type.Union([Type.Object(withRow), byId]) } };
}

/** What a model takes by the Open Inference Protocol as JSON: one row or photo, as an example of several. */
export function inferBodies(model: ServedModel): Bodies {
  const { outputs } = buildMetadata(model);
  const output = Type.Object({
    name: Type.Enum(outputs.map(({ name }) => name)),
    parameters: Type.Optional(Parameters),
  });
  const { id, parameters } = InferenceRequest.properties;
  const input = model.record.preprocessing.kind === 'image' ? photoTensor() : rowTensor(model);
  const request = Type.Object({
    ...{ id, parameters },
    inputs: Type.Array(input, { minItems: 1, maxItems: 1 }),
    outputs: Type.Optional(Type.Array(output)),
  });
  return { 'application/json': { schema: request } };
}

/** What may be said about loading: networks and settings come from the repository only. */
export const changeBodies: Bodies = {
  'application/json': {
    schema: Type.Object({
      parameters: Type.Optional(
        Type.Object(
          {
            unload_dependents: Type.Optional(
              Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
            ),
          },
          { additionalProperties: false },
        ),
      ),
    }),
  },
};

/** A row holds a value at least, and may hold the keys of its entities in place of the columns that are looked up by them. */
export function rowSchema({ record: { preprocessing, features } }: ServedModel): TSchema {
  const columns = preprocessing.kind === 'table' ? preprocessing.columns : [];
  const cells = columns.map((column) => [column.name, cellSchemas(column)] as const);
  const key = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
  const keys = Object.values(features?.views ?? {}).flatMap((view) => view.keys);
  const properties = {
    ...Object.fromEntries(keys.map((name) => [name, Type.Optional(key)])),
    ...Object.fromEntries(cells.map(([name, { any }]) => [name, Type.Optional(any)])),
  };
  const some = cells.map(([name, { present }]) => Type.Object({ [name]: present }));
  return Type.Object(properties, {
    additionalProperties: false,
    minProperties: 1,
    // What is looked up may be the value.
    ...(keys.length === 0 && { anyOf: some }),
  });
}

const largest = 3.4028234663852886e38;
const whole = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });
const upTo = (maximum: number) => Type.Number({ minimum: -maximum, maximum });

/**
 * The datatypes of numbers with their elements, as far as the network's 32 bits hold them. INT64 and UINT64 are taken, too, but where
 * they end cannot be written in the document: JavaScript's numbers round there.
 */
const elements: Readonly<Record<string, TSchema>> = {
  FP16: upTo(65_504),
  BF16: upTo((2 - 2 ** -7) * 2 ** 127),
  FP32: upTo(largest),
  FP64: upTo(largest),
  INT8: whole(-(2 ** 7), 2 ** 7 - 1),
  INT16: whole(-(2 ** 15), 2 ** 15 - 1),
  INT32: whole(-(2 ** 31), 2 ** 31 - 1),
  UINT8: whole(0, 2 ** 8 - 1),
  UINT16: whole(0, 2 ** 16 - 1),
  UINT32: whole(0, 2 ** 32 - 1),
};

function rowTensor(model: ServedModel): TSchema {
  const shape = [1, ...inputShape(model)];
  const size = shape.reduce((product, length) => product * length, 1);
  const isGapped = 'gaps' in buildMetadata(model).parameters;
  const tensors = Object.entries(elements).map(([datatype, number]) => {
    const isFloat = gapTypes.includes(datatype);
    const element = isGapped && isFloat ? Type.Union([number, Type.Null()]) : number;
    const flat = Type.Array(element, { minItems: size, maxItems: size });
    return Type.Object({
      name: Type.Literal('input'),
      shape: Type.Unsafe({ const: shape, description: 'or any number of rows in place of 1' }),
      datatype: Type.Literal(datatype),
      parameters: RequestTensor.properties.parameters,
      data: Type.Union([flat, Type.Array(flat, { minItems: 1, maxItems: 1 })]),
    });
  });
  return Type.Union(tensors);
}

function photoTensor(): TSchema {
  return Type.Object({
    name: Type.Literal('image'),
    shape: Type.Unsafe({ const: [1], description: 'or any number of photos' }),
    datatype: Type.Literal('BYTES'),
    parameters: RequestTensor.properties.parameters,
    data: Type.Array(Type.String({ format: 'byte', description: 'a photo in base64' }), {
      minItems: 1,
      maxItems: 1,
    }),
  });
}
