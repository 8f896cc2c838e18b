import { renderCsvLine } from '../../../platform/lib/change-cells.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import type { ProjectDefinition } from '../../../platform/schemas/define/index.ts';
import { digestRow } from '../../../platform/storage/index.ts';
import { compareWithData, type KnownData } from './add-photos.ts';
import type { Labelled, LeftOut } from './sort-candidates.ts';

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

/** What a row is, by the columns that a model sees: what people send has no others. */
export function featuresKey({ table }: ProjectDefinition, cells: Cells): string {
  const names = Object.keys(table?.features ?? {});
  if (names.length === 0) return digestJson(cells);
  return digestRow(Object.fromEntries(names.map((name) => [name, ownValue(cells, name) ?? ''])));
}

/**
 * Makes a row of the table from what was sent, unless it is there. A split by time takes the time of the label.
 *
 * @param data labels by {@link featuresKey}
 * @returns null where the data has it with this label
 */
export function prepareRow(
  labelled: Labelled,
  data: KnownData,
  { definition, columns }: { definition: ProjectDefinition; columns: readonly string[] },
): AddedRow | LeftOut | null {
  const { candidate, label } = labelled;
  if (!candidate.row) return { candidate, reason: 'noContent' };
  const sent = Object.entries(candidate.row).map(([name, value]) => [name, String(value ?? '')]);
  if (sent.some(([name = '']) => !columns.includes(name))) return { candidate, reason: 'unfit' };
  const { time } = definition.split;
  const cells: Cells = {
    ...(time !== undefined && { [time]: candidate.at.slice(0, 10) }),
    ...Object.fromEntries(sent),
    ...(definition.table && { [definition.table.label]: label }),
  };
  const key = featuresKey(definition, cells);
  const found = compareWithData(data, [key], label);
  if (typeof found === 'object') return { candidate, reason: 'differs', ...found };
  return found === 'locked' ? null : { labelled, cells, key, isThere: found === 'there' };
}

/** A CSV file with more rows at its end; those that are there stay as they are, byte by byte. */
export function appendRows(
  content: string,
  columns: readonly string[],
  added: readonly AddedRow[],
): string {
  const fresh = added.filter(({ isThere }) => !isThere);
  if (fresh.length === 0) return content;
  const end = content.includes('\r\n') ? '\r\n' : '\n';
  const lines = fresh.map(({ cells }) =>
    renderCsvLine(columns.map((name) => ownValue(cells, name) ?? '')),
  );
  const before = /[\r\n]$/.test(content) ? content : content + end;
  return before + lines.map((line) => line + end).join('');
}
