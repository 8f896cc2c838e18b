import { parseTime } from '../../lib/parse-time.ts';
import type { PartName } from '../../schemas/index.ts';

/**
 * Deals times to the splits in their order, the oldest to train, the newest to test, so that about the asked share of the
 * rows is in each. Equal times are in one split: it is that which the middle one of them would be in.
 *
 * @param times as they are written, and how many rows have each @param fractions of train, validation and test
 * @param heldBack the share of the newest rows that is held back; the fractions are of the others
 * @returns the split of each text; null for one that is not a time
 * @example splitByTime(times, [0.5, 0.25, 0.25]).get('2023') // 'validation' for one row of each year from 2021 to 2024
 */
export function splitByTime(
  times: readonly { readonly text: string; readonly count: number }[],
  [train, validation]: readonly [number, number, number],
  heldBack = 0,
): ReadonlyMap<string, PartName | null> {
  const written = times.map(({ text, count }) => ({ text, count, time: parseTime(text) }));
  const rows = written.reduce((sum, { time, count }) => sum + (time === null ? 0 : count), 0);
  const splits = new Map<string, PartName | null>();
  const partOf = (place: number): PartName => {
    if (place < train) return 'train';
    if (place < train + validation) return 'validation';
    return place < 1 ? 'test' : 'heldBack';
  };
  let before = 0;
  for (const [time, texted] of inOrder(written)) {
    const here = texted.reduce((sum, { count }) => sum + count, 0);
    const split = partOf((before + here / 2) / rows / (1 - heldBack));
    for (const { text } of texted) splits.set(text, time === null ? null : split);
    if (time !== null) before += here;
  }
  return splits;
}

/** One time may be written in several ways: with and without seconds, or with another offset. */
function inOrder<Written extends { readonly time: number | null }>(
  written: readonly Written[],
): [number | null, Written[]][] {
  const byTime = Map.groupBy(written, ({ time }) => time);
  return [...byTime].sort(([a], [b]) => (a ?? 0) - (b ?? 0));
}
