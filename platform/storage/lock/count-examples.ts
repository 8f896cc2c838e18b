import type { Table } from '../../lib/table.ts';
import type { SplitDefinition } from '../../schemas/define/index.ts';
import type { DealtExample, PartName } from '../../schemas/index.ts';
import { createDealer } from './table-examples.ts';

/** Part → label → examples. */
export type ExampleCounts = ReadonlyMap<PartName, ReadonlyMap<string, number>>;

/** What the examples of a dataset are together. */
export interface CountedExamples {
  readonly counts: ExampleCounts;
  /** Groups with examples in more than one split. */
  readonly straddling: readonly string[];
}

/** Counts examples. */
export function countExamples(
  examples: Iterable<Pick<DealtExample, 'split' | 'label' | 'group'>>,
): CountedExamples {
  const counts = new Map<PartName, Map<string, number>>();
  const splits = new Map<string, PartName>();
  const straddling = new Set<string>();
  for (const { split, label, group } of examples) {
    count(counts, split, label);
    const first = splits.get(group);
    if (first === undefined) splits.set(group, split);
    else if (first !== split) straddling.add(group);
  }
  return { counts, straddling: [...straddling] };
}

/**
 * Counts the rows of a table as {@link countExamples} does its examples, without an object for each. No group
 * straddles, since its rows are dealt together.
 */
export function countRows(
  table: Table,
  path: string,
  label: string,
  split: SplitDefinition,
): CountedExamples {
  const deal = createDealer(table, path, split);
  const labels = table.column(label);
  const texts = Array.from(labels?.counts ?? [], (_, code) => labels?.text(code) ?? '');
  const counts = new Map<PartName, CodeCounts>();
  for (let row = 0; row < table.rows; row++) {
    countCode(counts, deal(row).split, labels?.codes[row] ?? 0);
  }
  const named = ({ codes, times }: CodeCounts) =>
    new Map(codes.map((code) => [texts[code] ?? '', times[code] ?? 0]));
  return {
    counts: new Map([...counts].map(([name, some]) => [name, named(some)])),
    straddling: [],
  };
}

/** How often values came, by their numbers. */
interface CodeCounts {
  /** Those that came, in the order in which they did. */
  readonly codes: number[];
  readonly times: number[];
}

function countCode(counts: Map<PartName, CodeCounts>, split: PartName, code: number): void {
  const { codes, times } = counts.get(split) ?? { codes: [], times: [] };
  if (codes.length === 0) counts.set(split, { codes, times });
  const before = times[code] ?? 0;
  if (before === 0) codes.push(code);
  times[code] = before + 1;
}

function count(counts: Map<PartName, Map<string, number>>, split: PartName, label: string): void {
  const labels = counts.get(split) ?? new Map<string, number>();
  counts.set(split, labels);
  labels.set(label, (labels.get(label) ?? 0) + 1);
}
