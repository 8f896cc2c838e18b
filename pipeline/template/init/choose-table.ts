import { MainstemError } from '../../../platform/lib/errors.ts';
import { listSome, showName } from '../../../platform/lib/text.ts';
import type { LabelScale, Task } from '../../../platform/schemas/index.ts';
import { chooseFeature, type Feature } from './choose-feature.ts';
import { chooseLabelScale } from './choose-label-scale.ts';
import { chooseGroup, type GroupColumn } from './find-identifiers.ts';
import { fitForNetwork } from './fit-for-network.ts';
import { type ColumnSurvey, mostClasses, type TableSurvey } from './survey-table.ts';

/** What a table's new project will do, before it is written down as code. */
export interface TableChoices {
  readonly task: Task;
  readonly regression: boolean;
  /** Whether boosted trees are proposed, and not a network. */
  readonly trees: boolean;
  readonly features: readonly Feature[];
  /** Why the other columns are left out, with their names. */
  readonly reasons: readonly string[];
  readonly labelScale: LabelScale | undefined;
  readonly group: GroupColumn | null;
  /** Columns by which results are sliced. */
  readonly slices: readonly string[];
}

/**
 * Chooses task, kind of model, features, group and slices for a table.
 *
 * @param task null has it chosen: regression for numbers with many values
 * @throws MainstemError INIT_TASK_MISMATCH, INIT_NO_FEATURES
 */
export function chooseTable(from: string, survey: TableSurvey, task: Task | null): TableChoices {
  const { columns, label, rows } = survey;
  const chosen = task ?? taskFor(label);
  assertTask(from, label, chosen);
  const trees = rows >= fewestForTrees;
  const choices = columns.map((column) => ({ column, choice: chooseFeature(column, rows) }));
  const features = choices.flatMap(({ column, choice }) => {
    if ('reason' in choice) return [];
    return [trees ? choice : fitForNetwork(choice, column)];
  });
  const reasons = choices.flatMap(({ choice }) =>
    'reason' in choice ? [`${showName(choice.name)} ${choice.reason}`] : [],
  );
  if (features.length === 0) {
    const details = { from, label: label.name, reasons: listSome(reasons, { between: '; ' }) };
    throw new MainstemError('INIT_NO_FEATURES', details);
  }
  const regression = chosen === 'tabular-regression';
  return {
    ...{ task: chosen, regression, trees, features, reasons },
    labelScale: regression ? chooseLabelScale(label) : undefined,
    group: chooseGroup(columns),
    slices: sliceColumns(features, survey),
  };
}

function taskFor({ numeric, distinct }: ColumnSurvey): Task {
  return numeric && distinct > mostClasses ? 'tabular-regression' : 'tabular-classification';
}

function assertTask(from: string, { name, numeric }: ColumnSurvey, task: Task): void {
  const mismatch = (reason: string) =>
    new MainstemError('INIT_TASK_MISMATCH', { from, task, reason });
  if (task === 'image-classification') throw mismatch('it is a table');
  if (task === 'tabular-regression' && !numeric) throw mismatch(`column ${name} holds text`);
}

/**
 * From so many rows on trees are proposed. On most smaller public tables a network was as good or better, on larger
 * ones trees were (bench/RESULTS.md).
 */
const fewestForTrees = 10_000;

/** Columns of 0 and 1 may be many, and seldom say who or what a row is about. */
function sliceColumns(features: readonly Feature[], { columns }: TableSurvey): string[] {
  const texts = new Set(columns.filter(({ numeric }) => !numeric).map(({ name }) => name));
  const few = features.filter(({ name, kind, values }) =>
    kind === 'boolean' ? texts.has(name) : values && values.length <= 6,
  );
  return few.map(({ name }) => name);
}
