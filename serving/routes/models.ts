import { Type } from 'typebox';
import { ownValue } from '../../platform/lib/own-value.ts';
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
    async () => services.models.map((model) => describeModel(model, services)),
  );
}

function describeModel({ name, version, pointer, record }: ServedModel, services: Services) {
  const { bodyBytes, files, rows, explanations } = services.config;
  return {
    name,
    version,
    digest: pointer.record,
    createdAt: record.createdAt,
    task: record.task,
    classes: record.classes.map((value) => ({
      class: value,
      label: ownValue(record.page.classes, value) ?? value,
    })),
    columns: columnsOf(record.preprocessing),
    title: record.page.title,
    intro: record.page.intro,
    feedback: services.feedback.limit > 0 && record.classes.length > 0,
    explain: explanations > 0,
    limits: { bytes: bodyBytes, files, rows },
  };
}

function columnsOf(preprocessing: ServedModel['record']['preprocessing']) {
  if (preprocessing.kind === 'image') return [];
  return preprocessing.columns.map((column) => ({
    name: column.name,
    kind: column.kind,
    values: column.kind === 'category' ? column.values : [],
    typical: column.kind === 'number' ? column.mean : null,
  }));
}
