import { ownValue } from '../../platform/lib/own-value.ts';
import type { ModelDescription } from '../schemas.ts';
import type { AnsweringModel } from './models.ts';

/** What the page needs to know about a model, and about who answers: whether corrections are taken and answers explained at all. */
export function describeModel(
  { name, version, pointer, record }: AnsweringModel,
  { feedback, explain, limits }: Pick<ModelDescription, 'feedback' | 'explain' | 'limits'>,
): ModelDescription {
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
    feedback: feedback && record.classes.length > 0,
    explain,
    limits,
  };
}

function columnsOf(preprocessing: AnsweringModel['record']['preprocessing']) {
  if (preprocessing.kind === 'image') return [];
  return preprocessing.columns.map((column) => ({
    name: column.name,
    kind: column.kind,
    values: column.kind === 'category' ? column.values : [],
    typical: column.kind === 'number' ? column.mean : null,
  }));
}
