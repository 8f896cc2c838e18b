import type { Table } from '../../lib/table.ts';
import type { SplitDefinition } from '../../schemas/define/index.ts';
import type { DealtExample } from '../../schemas/index.ts';
import type { ExampleCounts } from './count-examples.ts';
import { drawHeldBack } from './split.ts';
import { isNewest, placesInTime } from './split-by-time.ts';
import { createDealer } from './table-examples.ts';

/** What a share that is held back leaves out. */
export interface HeldBackGaps {
  /** Labels of which nothing is held back, with the smallest share from which on something is; null where no share is large enough. */
  readonly lacking: ReadonlyMap<string, number | null>;
  /** Nothing at all is held back. */
  readonly isEmpty: boolean;
  /** The share that was asked for. */
  readonly share: number;
}

/** An example, as far as what is held back depends on it. */
export interface HeldBackCandidate {
  readonly label: string;
  readonly group: string;
  /** When it was, where the split is by time. */
  readonly time: string;
}

/** All examples of a regression count as one label: their values say nothing of who is held back. */
const anyLabel = 'rows';
/** The largest share that a project may ask for. */
const mostHeldBack = 0.5;
/** Shares are reported in thousandths. */
const shareSteps = 1000;

/**
 * The labels of which nothing is held back although the project asks for it: a promotion could say nothing of them.
 *
 * @param counts of all examples by part and label @param candidates the same examples, read only if a label is lacking
 * @returns null where nothing is to be held back, or something of every label is
 */
export function findHeldBackGaps(
  counts: ExampleCounts,
  candidates: () => Iterable<HeldBackCandidate>,
  { split, regression }: { readonly split: SplitDefinition; readonly regression: boolean },
): HeldBackGaps | null {
  const { heldBack } = split;
  if (heldBack === undefined) return null;
  const nameOf = (label: string) => (regression ? anyLabel : label);
  const labels = new Set([...counts.values()].flatMap((some) => [...some.keys()].map(nameOf)));
  const held = new Set([...(counts.get('heldBack')?.keys() ?? [])].map(nameOf));
  const missing = [...labels].filter((label) => label !== '' && !held.has(label)).sort();
  if (missing.length === 0) return null;
  const known = smallestShares(candidates(), split, nameOf);
  const lacking = new Map(missing.map((label) => [label, known.get(label) ?? null]));
  return { lacking, isEmpty: held.size === 0, share: heldBack };
}

/**
 * Which share would hold something of every label back, in a sentence.
 *
 * @example describeSufficient(gaps) // 'The smallest share that holds back an example of each class is 0.013.'
 */
export function describeSufficient({ lacking }: HeldBackGaps): string {
  const shares = [...lacking.values()];
  const each =
    lacking.has(anyLabel) && lacking.size === 1 ? 'an example' : 'an example of each class';
  if (shares.includes(null)) return `No share up to ${mostHeldBack} holds back ${each}: add data.`;
  const smallest = Math.max(...shares.map((share) => share ?? 0));
  return `The smallest share that holds back ${each} is ${smallest}.`;
}

/** The examples of a table as candidates, without an object for each. */
export function* candidatesOf(
  table: Table,
  path: string,
  label: string,
  split: SplitDefinition,
): Generator<HeldBackCandidate> {
  const deal = createDealer(table, path, split);
  const [labelled, timed] = [table.place(label), table.place(split.time ?? '')];
  for (let row = 0; row < table.rows; row++) {
    const time = split.by === undefined ? '' : table.text(row, timed);
    yield { label: table.text(row, labelled), group: deal(row).group, time };
  }
}

/** Examples as candidates. */
export function toCandidates(
  examples: readonly DealtExample[],
  { time = '' }: SplitDefinition,
): HeldBackCandidate[] {
  return examples.map(({ label, group, metadata }) => ({
    label,
    group,
    time: metadata[time] ?? '',
  }));
}

function smallestShares(
  candidates: Iterable<HeldBackCandidate>,
  split: SplitDefinition,
  nameOf: (label: string) => string,
): Map<string, number> {
  const known = split.by === undefined ? candidates : [...candidates];
  const shareOf = split.by === undefined ? byChance : byTime(known);
  const smallest = new Map<string, number>();
  for (const candidate of known) {
    const share = shareOf(candidate);
    if (share > mostHeldBack) continue;
    const label = nameOf(candidate.label);
    smallest.set(label, Math.min(smallest.get(label) ?? 1, share));
  }
  return smallest;
}

function byChance({ group }: HeldBackCandidate): number {
  const draw = drawHeldBack(group);
  return firstStep(draw, (share) => draw < share);
}

function byTime(candidates: Iterable<HeldBackCandidate>): (one: HeldBackCandidate) => number {
  const counts = new Map<string, number>();
  for (const { time } of candidates) counts.set(time, (counts.get(time) ?? 0) + 1);
  const places = placesInTime([...counts].map(([text, count]) => ({ text, count })));
  return ({ time }) => {
    const place = places.get(time) ?? 0;
    return firstStep(1 - place, (share) => isNewest(place, share));
  };
}

/** The first share that works, of those that are reported. */
function firstStep(near: number, works: (share: number) => boolean): number {
  let step = Math.max(1, Math.floor(near * shareSteps));
  while (step < shareSteps && !works(step / shareSteps)) step += 1;
  return step / shareSteps;
}
