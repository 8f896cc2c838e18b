import { checkGate } from '../../quality/index.ts';
import type { LabelScale, Task } from '../atoms.ts';
import { sourceName, sourcePaths } from '../source-files.ts';
import { type FeatureDefinition, fieldsOf } from './features.ts';
import { type DataParts, findDataMistake, type Mistake } from './find-data-mistake.ts';
import { findProjectNameFault } from './project-name.ts';

/** What of a definition must fit other parts of it. */
export interface DefinitionParts extends DataParts {
  readonly name: string;
  readonly task: Task;
  readonly table?: NonNullable<DataParts['table']> & { readonly labelScale?: LabelScale };
  readonly features?: FeatureDefinition;
  readonly split: DataParts['split'] & {
    readonly by?: string;
    readonly time?: string;
    readonly fractions?: readonly number[];
    readonly equalRows?: string;
  };
  /** Each is checked by its kind. */
  readonly gates: readonly unknown[];
  /** A function builds a network. */
  readonly model: unknown;
  readonly parameters?: unknown;
}

/**
 * Where one part of a definition does not fit another, which its schema cannot say; null if nowhere.
 *
 * @example findProjectMistake({ ...project, classes: ['a'] }) // { where: 'classes', reason: 'must name at least two classes' }
 */
export function findProjectMistake(definition: DefinitionParts): Mistake | null {
  const { name, task, table, classes, split, backbone } = definition;
  const unfit = findProjectNameFault(name);
  if (unfit) {
    return { where: 'name', reason: unfit };
  }
  if (task.startsWith('tabular') && !table) {
    return { where: 'table', reason: `is required for task ${task}` };
  }
  if (backbone && task !== 'image-classification') {
    return { where: 'backbone', reason: 'must be left out: it is for images' };
  }
  if (table?.labelScale && task !== 'tabular-regression') {
    return { where: 'table.labelScale', reason: 'must be left out: it is for regression' };
  }
  if (task === 'tabular-regression') {
    if (classes) return { where: 'classes', reason: 'must be left out for regression' };
  } else if ((classes?.length ?? 0) < 2) {
    return { where: 'classes', reason: 'must name at least two classes' };
  }
  const sum = (split.fractions ?? [1]).reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-9) {
    return { where: 'split.fractions', reason: `must sum to 1, not ${sum}` };
  }
  return (
    findDataMistake(definition) ??
    findFeaturesMistake(definition) ??
    findTimeMistake(definition) ??
    findEqualRowsMistake(definition) ??
    findModelMistake(definition) ??
    findGateMistake(definition)
  );
}

/** What is joined becomes the table, so that its columns are named as any others. */
function findFeaturesMistake({ table, features, data }: DefinitionParts): Mistake | null {
  if (!features) return null;
  if (!table) return { where: 'features', reason: 'must be left out: they are for tables' };
  const label = fieldsOf(features).includes(table.label);
  if (label)
    return { where: 'features', reason: `have a field ${table.label}, which is the label` };
  const named = sourcePaths(features).find((path) => sourceName(path) === data.name);
  if (named !== undefined) {
    return {
      where: 'data.name',
      reason: `is what ${named}, a source of features, is called in the lock`,
    };
  }
  const isOwn = [features.rows, ...Object.values(features.views).map(({ source }) => source)].some(
    ({ path }) => path === data.path,
  );
  if (!isOwn) return null;
  const reason = `read ${data.path}, which the join writes: name another file as data.path`;
  return { where: 'features', reason };
}

function findEqualRowsMistake({ task, split }: DefinitionParts): Mistake | null {
  if (split.equalRows === undefined || task !== 'image-classification') return null;
  return { where: 'split.equalRows', reason: 'must be left out: only tables have rows' };
}

function findTimeMistake({ task, split }: DefinitionParts): Mistake | null {
  const { by, time } = split;
  if (by === undefined) {
    return time === undefined ? null : { where: 'split.time', reason: "is only for by: 'time'" };
  }
  if (task === 'image-classification') {
    return { where: 'split.by', reason: 'must be left out: only tables are split by time' };
  }
  return time === undefined ? { where: 'split.time', reason: "is required for by: 'time'" } : null;
}

function findModelMistake({ task, model, parameters }: DefinitionParts): Mistake | null {
  if (typeof model === 'function') {
    return parameters ? null : { where: 'parameters', reason: 'is required for a network' };
  }
  if (task === 'image-classification') {
    return { where: 'model', reason: 'must be a network: trees are for tables' };
  }
  return parameters ? { where: 'parameters', reason: 'must be left out for trees' } : null;
}

function findGateMistake(definition: DefinitionParts): Mistake | null {
  const { task, gates, outOfDistribution, slices = [] } = definition;
  const scope = {
    task,
    outOfDistribution: outOfDistribution !== undefined,
    slices: slices.length > 0,
  };
  const [first] = gates.flatMap((gate, index) => {
    const mistake = checkGate(gate, scope);
    if (!mistake) return [];
    const where = ['gates', index, mistake.key].filter((part) => part !== '').join('.');
    return [{ where, reason: mistake.reason }];
  });
  return first ?? null;
}
