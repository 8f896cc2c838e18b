import type { Table } from '../../lib/table.ts';
import type { SplitDefinition } from '../../schemas/define/index.ts';
import type { Example, SplitName } from '../../schemas/index.ts';
import { createDealer } from './table-examples.ts';

/** Split → label → examples. */
export type ExampleCounts = ReadonlyMap<SplitName, ReadonlyMap<string, number>>;

/** What the examples of a dataset are together. */
export interface CountedExamples {
  readonly counts: ExampleCounts;
  /** Groups with examples in more than one split. */
  readonly straddling: readonly string[];
}

/** Counts examples. */
export function countExamples(
  examples: Iterable<Pick<Example, 'split' | 'label' | 'group'>>,
): CountedExamples {
  const counts = new Map<SplitName, Map<string, number>>();
  const splits = new Map<string, SplitName>();
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
 * Counts the rows of a table as {@link countExamples} does its examples, without an object for each. Rows that are dealt by
 * their content cannot straddle.
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
  const counts = new Map<SplitName, Map<number, number>>();
  const splits = new Map<string, SplitName>();
  const straddling = new Set<string>();
  for (let row = 0; row < table.rows; row++) {
    const dealt = deal(row);
    count(counts, dealt.split, labels?.codes[row] ?? 0);
    // Only by time can rows of one group go to different splits.
    if (!dealt.named || split.by === undefined) continue;
    const first = splits.get(dealt.group);
    if (first === undefined) splits.set(dealt.group, dealt.split);
    else if (first !== dealt.split) straddling.add(dealt.group);
  }
  return { counts: nameLabels(counts, texts), straddling: [...straddling] };
}

function nameLabels(
  counts: ReadonlyMap<SplitName, ReadonlyMap<number, number>>,
  texts: readonly string[],
): ExampleCounts {
  const named = (some: ReadonlyMap<number, number>) =>
    new Map([...some].map(([code, count]) => [texts[code] ?? '', count]));
  return new Map([...counts].map(([split, some]) => [split, named(some)]));
}

function count<Label>(
  counts: Map<SplitName, Map<Label, number>>,
  split: SplitName,
  label: Label,
): void {
  const labels = counts.get(split) ?? new Map<Label, number>();
  counts.set(split, labels);
  labels.set(label, (labels.get(label) ?? 0) + 1);
}
