import type { FastifyRequest, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import { findModel, type ServedModel } from '../inference/models.ts';
import { photoMediaTypes } from '../inference/photo-formats.ts';
import { exchangeOf } from '../plugins/exchanges.ts';
import { Prediction, Problem, Rows } from '../schemas.ts';
import type { App, Services } from '../services.ts';
import { parseInputs } from './body.ts';

const Named = Type.Object({ name: Type.String() });

/** Adds `POST /predict` for the default model and `POST /models/:name/predict` for any model. */
export function predictRoutes(app: App, services: Services): void {
  const predict = async (model: ServedModel, request: FastifyRequest): Promise<Prediction> => {
    const expected = model.record.preprocessing.kind === 'image' ? 'photos' : 'rows';
    const inputs = parseInputs(request.body, expected, services.config);
    const { signal } = exchangeOf(request);
    return inputs.kind === 'photos'
      ? services.predictor.predictPhotos(model, inputs.photos, signal)
      : services.predictor.predictRows(model, inputs.rows, signal);
  };

  app.post(
    '/predict',
    { schema: schema('Predict with the default model'), validatorCompiler: checkedWhereRead },
    async (request) => predict(findModel(services.models), request),
  );

  app.post(
    '/models/:name/predict',
    {
      schema: { ...schema('Predict with a model by name'), params: Named },
      validatorCompiler: checkedWhereRead,
    },
    async (request) => predict(findModel(services.models, request.params.name), request),
  );
}

function schema(summary: string) {
  return {
    summary,
    description:
      'Send photos as a multipart form (any field name, several files), one photo as the whole body, or for a ' +
      'table one row `{"column": value}` or a list of rows as JSON. `results` are in the order of the inputs.',
    tags: ['predict'],
    ...requestBody({
      ...Object.fromEntries(
        photoMediaTypes.map((type) => [type, Type.String({ format: 'binary' })]),
      ),
      'multipart/form-data': Type.Object({
        file: Type.Array(Type.String({ format: 'binary' })),
      }),
      'application/json': Rows,
    }),
    response: { 200: Prediction, '4xx': Problem, '5xx': Problem },
  } satisfies FastifySchema;
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
