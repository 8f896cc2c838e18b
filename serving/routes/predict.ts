import type { FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import type { TablePreprocessing } from '../../platform/schemas/index.ts';
import { findModel, labelsOf, type ServedModel } from '../inference/models.ts';
import { photoMediaTypes } from '../inference/photo-formats.ts';
import { exchangeOf } from '../plugins/exchanges.ts';
import { binsOf, type LoggedInputs } from '../predictions/line.ts';
import { createPredictionId } from '../predictions/prediction-id.ts';
import { Prediction, problems } from '../schemas.ts';
import type { App, Services } from '../services.ts';
import { type Inputs, parseInputs } from './body.ts';

const Named = Type.Object({ name: Type.String() });

/**
 * Adds `POST /predict` for the default model and `POST /models/:name/predict` for any model.
 *
 * @param now the current time, for the ids of answers.
 */
export function predictRoutes(app: App, services: Services, now: () => Date): void {
  const predict = async (
    model: ServedModel,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Prediction> => {
    const at = now();
    const expected = model.record.preprocessing.kind === 'image' ? 'photos' : 'rows';
    const inputs = parseInputs(request.body, expected, services.config);
    const { signal, onEnd } = exchangeOf(request);
    const { predictor, predictions } = services;
    const { properties, ...predicted } =
      inputs.kind === 'photos'
        ? await predictor.predictPhotos(model, inputs.photos, signal)
        : await predictor.predictRows(model, inputs.rows, signal);
    const id = createPredictionId(at.getTime());
    if (predictions.samples()) {
      const answer = { id, at, ...labelsOf(model), results: predicted.results };
      onEnd(() => {
        const bins = properties.map((one) => binsOf(model, one));
        const ms = reply.elapsedTime;
        predictions.note({ ...answer, inputs: loggedInputs(inputs), bins, ms });
      });
    }
    return { id, ...predicted };
  };

  const { models } = services;
  app.post(
    '/predict',
    {
      schema: schema('Predict with the default model', models.slice(0, 1)),
      validatorCompiler: checkedWhereRead,
    },
    async (request, reply) => predict(findModel(models), request, reply),
  );

  app.post(
    '/models/:name/predict',
    {
      schema: { ...schema('Predict with a model by name', models), params: Named },
      validatorCompiler: checkedWhereRead,
    },
    async (request, reply) => predict(findModel(models, request.params.name), request, reply),
  );
}

function loggedInputs(inputs: Inputs): LoggedInputs {
  return inputs.kind === 'photos'
    ? { kind: 'photo', photos: inputs.photos }
    : { kind: 'row', rows: inputs.rows };
}

function schema(summary: string, models: readonly ServedModel[]) {
  return {
    summary,
    description:
      'Send photos as a multipart form (any field name, several files), one photo as the whole body, or for a ' +
      'table one row `{"column": value}` or a list of rows as JSON. `results` are in the order of the inputs. ' +
      'With the `id` of the answer a label may be sent later, where the server keeps its answers.',
    tags: ['predict'],
    ...requestBody({ ...photoBodies(models), ...rowBodies(models) }),
    response: { 200: Prediction, ...problems },
  } satisfies FastifySchema;
}

function photoBodies(models: readonly ServedModel[]): Record<string, unknown> {
  if (!models.some(({ record }) => record.preprocessing.kind === 'image')) return {};
  const photo = Type.String({ format: 'binary' });
  return {
    ...Object.fromEntries(photoMediaTypes.map((type) => [type, photo])),
    'multipart/form-data': Type.Object({ file: Type.Array(photo, { minItems: 1 }) }),
  };
}

function rowBodies(models: readonly ServedModel[]): Record<string, unknown> {
  const rows = models.flatMap(({ record: { preprocessing } }) =>
    preprocessing.kind === 'table' ? [rowSchema(preprocessing)] : [],
  );
  if (rows.length === 0) return {};
  const either = rows.flatMap((row) => [row, Type.Array(row, { minItems: 1 })]);
  return { 'application/json': Type.Union(either) };
}

function rowSchema({ columns }: TablePreprocessing) {
  const cell = {
    number: Type.Union([Type.Number(), Type.String(), Type.Null()]),
    category: Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
    date: Type.Union([Type.String(), Type.Null()]),
    boolean: Type.Union([Type.Boolean(), Type.String(), Type.Number(), Type.Null()]),
  };
  const cells = columns.map(({ name, kind }) => [name, Type.Optional(cell[kind])] as const);
  return Type.Object(Object.fromEntries(cells), { additionalProperties: false, minProperties: 1 });
}

/** Accepts every body: routes with several body types check it when reading, since Fastify checks only JSON. */
export const checkedWhereRead = () => () => true;

/**
 * The part of a route's schema that describes a body of several content types in the OpenAPI document. Use it with
 * {@link checkedWhereRead}.
 *
 * @param types content type → schema of the body.
 */
export function requestBody(types: Readonly<Record<string, unknown>>) {
  const content = Object.entries(types).map(([type, body]) => [type, { schema: body }]);
  return { body: { content: Object.fromEntries(content) } };
}
