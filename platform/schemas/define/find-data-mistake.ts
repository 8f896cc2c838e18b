import { findPlaceFault } from '../../lib/find-place-fault.ts';

/** What of a definition says which data is used, and as what. */
export interface DataParts {
  readonly data: DatasetPlace;
  readonly outOfDistribution?: DatasetPlace;
  readonly backbone?: DatasetPlace;
  readonly table?: {
    readonly label: string;
    readonly features: Readonly<Record<string, ColumnParts>>;
  };
  readonly classes?: readonly string[];
  readonly split: { readonly group?: string };
  readonly slices?: readonly { readonly column: string }[];
}

interface DatasetPlace {
  readonly name: string;
  readonly path: string;
}

interface ColumnParts {
  readonly range?: readonly [number, number];
  readonly kind?: string;
  readonly values?: readonly string[];
  readonly indicateGaps?: boolean;
  readonly scaling?: string;
  readonly encoding?: string;
}

/** A place in a definition, and what is wrong there. */
export interface Mistake {
  readonly where: string;
  readonly reason: string;
}

/**
 * Where a definition names data twice, or as what it cannot be; null if nowhere. Each would train, and give numbers that
 * mean something else.
 *
 * @example findDataMistake({ ...project, classes: ['a', 'b', 'a'] }) // { where: 'classes.2', reason: 'is there twice: "a"' }
 */
export function findDataMistake(definition: DataParts): Mistake | null {
  const { classes = [], slices = [], table } = definition;
  return (
    findRepeated('classes', classes) ??
    findRepeated(
      'slices',
      slices.map(({ column }) => column),
    ) ??
    findLabelSlice(definition) ??
    findPlaceMistake(definition) ??
    (table ? findTableMistake(definition, table) : null)
  );
}

function findLabelSlice({ slices = [], table }: DataParts): Mistake | null {
  const at = slices.findIndex(({ column }) => column === table?.label);
  if (at < 0) return null;
  return { where: `slices.${at}.column`, reason: 'is the label, the column to predict' };
}

function findRepeated(where: string, names: readonly string[]): Mistake | null {
  const at = names.findIndex((name, index) => names.indexOf(name) < index);
  if (at < 0) return null;
  return { where: `${where}.${at}`, reason: `is there twice: ${JSON.stringify(names[at])}` };
}

function findPlaceMistake({ data, outOfDistribution, backbone }: DataParts): Mistake | null {
  for (const [where, place] of Object.entries({ data, outOfDistribution, backbone })) {
    const fault = place && placeFault(place.path);
    if (fault)
      return { where: `${where}.path`, reason: `is ${JSON.stringify(place.path)}, ${fault}` };
  }
  for (const [where, place] of Object.entries({ outOfDistribution, backbone })) {
    if (place?.name !== data.name) continue;
    return { where: `${where}.name`, reason: `must not be that of the data, ${data.name}` };
  }
  if (backbone === undefined || backbone.name !== outOfDistribution?.name) return null;
  const reason = `must not be that of the out-of-distribution set, ${backbone.name}`;
  return { where: 'backbone.name', reason };
}

function placeFault(path: string): string | null {
  const fault = findPlaceFault(path);
  const hint = ': "npx mainstem init" copies data from elsewhere';
  return fault?.includes('inside it') ? `${fault}${hint}` : fault;
}

function findTableMistake(
  { split }: DataParts,
  { label, features }: NonNullable<DataParts['table']>,
): Mistake | null {
  if (Object.hasOwn(features, label)) {
    const reason = 'is the label: a model that is given its answer learns nothing';
    return { where: `table.features.${label}`, reason };
  }
  if (split.group === label) {
    return { where: 'split.group', reason: 'is the label: each class would be in one split only' };
  }
  for (const [name, column] of Object.entries(features)) {
    const where = `table.features.${name}`;
    const { range, values = [] } = column;
    const misplaced = findMisplaced(where, column);
    if (misplaced) return misplaced;
    const repeated = findRepeated(`${where}.values`, values);
    if (repeated) return repeated;
    if (range && range[0] > range[1]) {
      return { where: `${where}.range`, reason: `ends before it begins: ${range.join(' to ')}` };
    }
  }
  return null;
}

/** What a column of another kind would have. */
function findMisplaced(
  where: string,
  { kind, indicateGaps, scaling, encoding }: ColumnParts,
): Mistake | null {
  if (indicateGaps && kind === 'category') {
    const reason = 'must be left out: a gap in a category is a value of its own';
    return { where: `${where}.indicateGaps`, reason };
  }
  if (scaling && kind !== 'number') {
    return { where: `${where}.scaling`, reason: 'must be left out: only numbers are scaled' };
  }
  if (encoding && kind !== 'category') {
    return { where: `${where}.encoding`, reason: 'must be left out: it is for categories' };
  }
  return null;
}
