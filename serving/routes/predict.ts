import type { FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import { createPredictionId } from '../../platform/lib/prediction-id.ts';
import type { ModelRecord, TablePreprocessing } from '../../platform/schemas/index.ts';
import { labelsOf, type ServedModel } from '../inference/models.ts';
import { photoMediaTypes } from '../inference/photo-formats.ts';
import { buildPrediction } from '../inference/prediction.ts';
import { answerOrStandIn } from '../inference/stand-in.ts';
import { headersOf, modelOf } from '../plugins/chosen-models.ts';
import { exchangeOf } from '../plugins/exchanges.ts';
import { binsOf, type LoggedInputs } from '../predictions/line.ts';
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
  const predict = async (request: FastifyRequest, reply: FastifyReply): Promise<Prediction> => {
    const at = now();
    const drawn = modelOf(request);
    const expected = drawn.record.preprocessing.kind === 'image' ? 'photos' : 'rows';
    const inputs = parseInputs(request.body, expected, services.config);
    const { signal, onEnd } = exchangeOf(request);
    const { lineup, predictor, predictions, comparer } = services;
    const compare = comparer.plan(drawn, headersOf(request));
    const { model, inference } = await answerOrStandIn(lineup, drawn, (by) =>
      inputs.kind === 'photos'
        ? predictor.inferPhotos(by, inputs.photos, signal)
        : predictor.inferRows(by, inputs.rows, signal),
    );
    const { decisions, facts, properties } = inference;
    if (compare && model === drawn) onEnd(() => void compare(loggedInputs(inputs), decisions));
    const predicted = buildPrediction(model, decisions, facts);
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
    predict,
  );

  app.post(
    '/models/:name/predict',
    {
      schema: { ...schema('Predict with a model by name', models), params: Named },
      validatorCompiler: checkedWhereRead,
    },
    predict,
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
    ...inputBody(models, 'many'),
    response: { 200: Prediction, ...problems },
  } satisfies FastifySchema;
}

/** The part of a route's schema that describes its inputs: what the models take. @param count whether several may be sent */
export function inputBody(models: readonly ServedModel[], count: 'one' | 'many') {
  return requestBody({ ...photoBodies(models, count), ...rowBodies(models, count) });
}

function photoBodies(
  models: readonly ServedModel[],
  count: 'one' | 'many',
): Record<string, unknown> {
  if (!models.some(({ record }) => record.preprocessing.kind === 'image')) return {};
  const photo = Type.String({ format: 'binary' });
  return {
    ...Object.fromEntries(photoMediaTypes.map((type) => [type, photo])),
    'multipart/form-data': Type.Object({
      file: count === 'one' ? photo : Type.Array(photo, { minItems: 1 }),
    }),
  };
}

function rowBodies(models: readonly ServedModel[], count: 'one' | 'many'): Record<string, unknown> {
  const rows = models.flatMap(({ record: { preprocessing, features } }) =>
    preprocessing.kind === 'table' ? [rowSchema(preprocessing, features)] : [],
  );
  if (rows.length === 0) return {};
  const most = count === 'one' ? { maxItems: 1 } : {};
  const either = rows.flatMap((row) => [row, Type.Array(row, { minItems: 1, ...most })]);
  return { 'application/json': Type.Union(either) };
}

/** A row may hold the keys of its entities in place of the columns that are looked up by them. */
function rowSchema({ columns }: TablePreprocessing, features: ModelRecord['features']) {
  const cell = {
    number: Type.Union([Type.Number(), Type.String(), Type.Null()]),
    category: Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
    date: Type.Union([Type.String(), Type.Null()]),
    boolean: Type.Union([Type.Boolean(), Type.String(), Type.Number(), Type.Null()]),
  };
  const cells = columns.map(({ name, kind }) => [name, Type.Optional(cell[kind])] as const);
  const keys = Object.values(features?.views ?? {}).flatMap((view) => view.keys);
  const more = keys.map((name) => [name, Type.Optional(cell.category)] as const);
  return Type.Object(Object.fromEntries([...more, ...cells]), {
    additionalProperties: false,
    minProperties: 1,
  });
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
