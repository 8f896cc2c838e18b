import { Type } from 'typebox';
import { describeModel } from '../inference/describe-model.ts';
import type { ServedModel } from '../inference/models.ts';
import { ModelDescription } from '../schemas.ts';
import type { App, Services } from '../services.ts';

/** Adds `GET /models`: a description of each served model, the default one first. The page is drawn from it. */
export function modelRoutes(app: App, services: Services): void {
  app.get(
    '/models',
    {
      schema: {
        summary: 'The served models, the default one first',
        tags: ['predict'],
        response: { 200: Type.Array(ModelDescription) },
      },
    },
    async () => services.models.map((model) => describe(model, services)),
  );
}

function describe(model: ServedModel, { config, feedback }: Services): ModelDescription {
  const { bodyBytes, files, rows, explanations } = config;
  const limits = { bytes: bodyBytes, files, rows };
  return describeModel(model, {
    feedback: feedback.limit > 0,
    explain: explanations > 0,
    limits,
  });
}
