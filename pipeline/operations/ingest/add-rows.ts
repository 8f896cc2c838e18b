import { digestJson } from '../../../platform/lib/hash.ts';
import { isCellText } from '../../../platform/lib/is-cell-text.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { renderCsvLine } from '../../../platform/lib/render-csv-line.ts';
import { fieldsOf, type ProjectDefinition } from '../../../platform/schemas/define/index.ts';
import type { Row } from '../../../platform/schemas/index.ts';
import { digestRow } from '../../../platform/storage/index.ts';
import { categoryOf, readCell } from '../../../platform/transforms/index.ts';
import { compareWithData, type KnownData } from './add-photos.ts';
import type { Candidate } from './candidates.ts';
import { spellCell } from './cells.ts';
import type { Labelled, LeftOut, Reason } from './sort-candidates.ts';

/** A row that is added. */
export interface AddedRow {
  readonly labelled: Labelled;
  readonly cells: Readonly<Record<string, string>>;
  /** What it is: {@link featuresKey}. */
  readonly key: string;
  /** Whether the table has it already, not locked yet. */
  readonly isThere: boolean;
}

type Cells = Readonly<Record<string, string>>;

/**
 * What a row is, by the columns that a model sees: what people send has no others. Cells that the model reads alike are
 * alike: `42`, `042.0` and `4.2e1`. In place of features that are looked up stand the keys of their entities.
 */
export function featuresKey({ table, features: looked }: ProjectDefinition, cells: Cells): string {
  const filled = new Set(looked ? fieldsOf(looked) : []);
  const features = Object.entries(table?.features ?? {}).filter(([name]) => !filled.has(name));
  const keys = Object.values(looked?.entities ?? {}).flat();
  if (features.length + keys.length === 0) return digestJson(cells);
  const read = features.map(([name, { kind }]) => {
    const cell = ownValue(cells, name);
    return [name, readCell(cell, kind) ?? categoryOf(cell)] as const;
  });
  const named = keys.map((name) => [name, categoryOf(ownValue(cells, name))] as const);
  return digestRow(Object.fromEntries([...read, ...named]));
}

/** What a table has: where rows go, and how it spells what they hold. */
export interface RowTarget {
  readonly definition: ProjectDefinition;
  readonly columns: readonly string[];
  /** The values of a column. */
  readonly valuesOf: (column: string) => readonly string[];
}

/**
 * Makes a row of the table from what was sent, unless it is there. A split by time takes the time of the label; what is joined to
 * features, the time of the question.
 *
 * @param data labels by {@link featuresKey}
 * @returns null where the data has it with this label
 */
export function prepareRow(
  labelled: Labelled,
  data: KnownData,
  target: RowTarget,
): AddedRow | LeftOut | null {
  const { candidate, label } = labelled;
  const { definition } = target;
  if (!candidate.row) return { candidate, reason: 'noContent' };
  const sent = readSent(candidate, target);
  if (typeof sent === 'string') return { candidate, reason: sent };
  const { time } = definition.split;
  const cells: Cells = {
    ...(time !== undefined && { [time]: candidate.at.slice(0, 10) }),
    ...sent,
    ...(definition.features && { [definition.features.rows.time]: candidate.asked }),
    ...(definition.table && { [definition.table.label]: label }),
  };
  const key = featuresKey(definition, cells);
  const found = compareWithData(data, [key], label);
  if (typeof found === 'object') return { candidate, reason: 'differs', ...found };
  return found === 'locked' ? null : { labelled, cells, key, isThere: found === 'there' };
}

/** The cells of what was sent, or why the table cannot take them. */
function readSent({ row, slices }: Candidate, target: RowTarget): Cells | Reason {
  const { definition, columns, valuesOf } = target;
  const cells = saidBeside(row, slices, target);
  const filled = new Set(definition.features ? fieldsOf(definition.features) : []);
  for (const [name, value] of Object.entries(row ?? {})) {
    // The join looks it up.
    if (filled.has(name)) continue;
    if (!columns.includes(name)) return 'unfit';
    if (!isCellText(String(value))) return 'noText';
    const column = ownValue(definition.table?.features ?? {}, name);
    const cell = column ? spellCell(value, column, () => valuesOf(name)) : categoryOf(value ?? '');
    if (cell === null) return 'outside';
    cells.push([name, cell]);
  }
  return Object.fromEntries(cells);
}

/** The cells of columns that the row does not have, from what people said beside it; without what the table cannot take. */
function saidBeside(
  row: Row | null,
  slices: Readonly<Record<string, string>>,
  { definition, columns, valuesOf }: RowTarget,
): [string, string][] {
  return Object.entries(slices).flatMap(([name, value]): [string, string][] => {
    const isOwn = [definition.table?.label, definition.split.time].includes(name);
    const isFree = !isOwn && !Object.hasOwn(row ?? {}, name);
    if (!isFree || !columns.includes(name) || !isCellText(value)) return [];
    const column = ownValue(definition.table?.features ?? {}, name);
    const cell = column ? spellCell(value, column, () => valuesOf(name)) : categoryOf(value);
    return cell ? [[name, cell]] : [];
  });
}

/** A CSV file with more rows at its end; those that are there stay as they are, byte by byte. */
export function appendRows(
  content: string,
  columns: readonly string[],
  fresh: readonly Cells[],
): string {
  if (fresh.length === 0) return content;
  // A cell may hold a line end of another kind.
  const end = /\r\n|\n|\r/.exec(content)?.[0] ?? '\n';
  const lines = fresh.map((cells) =>
    renderCsvLine(columns.map((name) => ownValue(cells, name) ?? '')),
  );
  const before = /[\r\n]$/.test(content) ? content : content + end;
  return before + lines.map((line) => line + end).join('');
}
