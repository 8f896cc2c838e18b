import type { FastifyRequest, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import { imageMediaTypes } from '../../platform/transforms/index.ts';
import { findModel, type ServedModel } from '../inference/models.ts';
import { Answer, Problem, Rows } from '../schemas.ts';
import type { App, Services } from '../services.ts';
import { readInputs } from './body.ts';

const Named = Type.Object({ name: Type.String() });

/** `POST /predict` for the default model, `POST /models/:name/predict` for any. */
export function predictRoutes(app: App, services: Services): void {
  const answer = async (model: ServedModel, request: FastifyRequest): Promise<Answer> => {
    const expected = model.record.preprocessing.kind === 'image' ? 'photos' : 'rows';
    const inputs = await readInputs(request, expected, services.config);
    return inputs.kind === 'photos'
      ? services.predictor.predictPhotos(model, inputs.photos)
      : services.predictor.predictRows(model, inputs.rows);
  };

  app.post(
    '/predict',
    { schema: schema('Ask the default model'), validatorCompiler: checkedWhereRead },
    async (request) => answer(findModel(services.models), request),
  );

  app.post(
    '/models/:name/predict',
    {
      schema: { ...schema('Ask a model by name'), params: Named },
      validatorCompiler: checkedWhereRead,
    },
    async (request) => answer(findModel(services.models, request.params.name), request),
  );
}

function schema(summary: string) {
  return {
    summary,
    description:
      'Send photos as multipart form (any field name, several files), one photo as bare body, or for a ' +
      'table one row `{"column": value}` or a list of rows as JSON. `results` are in the order sent.',
    tags: ['predict'],
    ...requestBody({
      ...Object.fromEntries(
        imageMediaTypes.map((type) => [type, Type.String({ format: 'binary' })]),
      ),
      'multipart/form-data': Type.Object({
        file: Type.Array(Type.String({ format: 'binary' })),
      }),
      'application/json': Rows,
    }),
    response: { 200: Answer, '4xx': Problem, '5xx': Problem },
  } satisfies FastifySchema;
}

/** Bodies of several types are checked where they are read: the framework could check JSON alone. */
export const checkedWhereRead = () => () => true;

/** Describes a body of several types in the OpenAPI document. Goes with {@link checkedWhereRead}. */
export function requestBody(types: Readonly<Record<string, unknown>>) {
  const content = Object.entries(types).map(([type, body]) => [type, { schema: body }]);
  return { body: { content: Object.fromEntries(content) } };
}
