import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { MainstemError } from '../../platform/lib/errors.ts';
import { createPredictionId } from '../../platform/lib/prediction-id.ts';
import type { Explained, PhotoEffects, RowEffects } from '../inference/explainer.ts';
import type { ServedModel } from '../inference/models.ts';
import { invalidRequest } from '../invalid-request.ts';
import { modelOf } from '../plugins/chosen-models.ts';
import { exchangeOf } from '../plugins/exchanges.ts';
import { problems } from '../schemas.ts';
import type { App, Services } from '../services.ts';
import { type Inputs, parseInputs } from './body.ts';
import { Explanation } from './explain-schemas.ts';
import { checkedWhereRead, inputBody } from './predict.ts';

/** The version that answers, or one that is named: that of an answer which is to be explained. */
const paths = {
  '/models/:name': Type.Object({ name: Type.String() }),
  '/models/:name/versions/:version': Type.Object({ name: Type.String(), version: Type.String() }),
};

/**
 * Adds `POST /v2/models/:name/explain`, also with a version: the answer for one photo or row, and what it depends on. It is neither
 * counted nor logged as a prediction, so that nobody who looks closer changes what drift and labels are measured on.
 *
 * @param now the current time, for the ids of answers.
 */
export function explainRoutes(app: App, services: Services, now: () => Date): void {
  const explain = async (model: ServedModel, request: FastifyRequest): Promise<Explanation> => {
    const at = now();
    const expected = model.record.preprocessing.kind === 'image' ? 'photos' : 'rows';
    const inputs = parseInputs(request.body, expected, services.config);
    const { result, effects } = await explainOne(
      services,
      model,
      inputs,
      exchangeOf(request).signal,
    );
    return {
      id: createPredictionId(at.getTime()),
      ...{ model: model.name, version: model.version, digest: model.pointer.record },
      result,
      explanation: effects && describe(effects),
    };
  };

  for (const [path, params] of Object.entries(paths)) {
    app.post(
      `/v2${path}/explain`,
      {
        schema: {
          summary: 'Explain an answer',
          description:
            'Send one photo or one row as for a prediction. The answer says by how much the probability (or value) falls when parts ' +
            'of the photo are covered, or columns of the row replaced by typical values: what the answer depends on, not ' +
            'what caused it. A photo is computed about a hundred times, and counts as as many requests. This is not part of the ' +
            'Open Inference Protocol.',
          tags: ['predict'],
          params,
          ...inputBody(services.models, 'one'),
          response: { 200: Explanation, ...problems },
        },
        validatorCompiler: checkedWhereRead,
        // Before the body is read: what is not answered costs nothing.
        onRequest: async () => {
          if (services.config.explanations === 0) throw new MainstemError('EXPLAIN_OFF');
        },
      },
      async (request) => explain(modelOf(request), request),
    );
  }
}

/** @throws MainstemError REQUEST_INVALID, and whatever the explainer throws */
function explainOne(
  { explainer }: Services,
  model: ServedModel,
  inputs: Inputs,
  signal: AbortSignal,
): Promise<Explained> {
  if (inputs.kind === 'photos') {
    const [photo, ...others] = inputs.photos;
    if (!photo || others.length > 0) throw invalidRequest('send one photo');
    return explainer.explainPhoto(model, photo, signal);
  }
  const [row, ...others] = inputs.rows;
  if (!row || others.length > 0) throw invalidRequest('send one row');
  return explainer.explainRow(model, row, signal);
}

function describe(effects: PhotoEffects | RowEffects): NonNullable<Explanation['explanation']> {
  const number = effects.class === null ? 'the value' : `the probability of "${effects.class}"`;
  const limits = 'It shows what the answer depends on, not what caused it';
  const { computed } = effects;
  if (effects.kind === 'row') {
    return {
      ...{ method: 'replacement', class: effects.class, computed },
      columns: effects.columns.map((column) => ({ ...column })),
      meaning:
        `By how much ${number} falls when one column is replaced by a typical value, the others staying as they are. ` +
        `${limits}; columns that say the same may hide each other.`,
    };
  }
  const { noise } = effects;
  return {
    ...{ method: 'occlusion', class: effects.class ?? '', noise, computed },
    effects: effects.effects.map((row) => [...row]),
    meaning:
      `By how much ${number} falls when a square of two sevenths of the photo's width is covered with a colour of the photo, on ` +
      `average of the squares that contain the place. ${limits}; what is to be seen twice may not show. Effects ` +
      `smaller than ${noise.toPrecision(2)} may be due to the colours.`,
  };
}
