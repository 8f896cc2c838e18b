import { parseTime } from '../../lib/parse-time.ts';
import type { SplitName } from '../../schemas/index.ts';

/**
 * Deals times to the splits in their order, the oldest to train, the newest to test, so that about the asked share of the
 * rows is in each. Equal times are in one split: it is that which the middle one of them would be in.
 *
 * @param times as they are written, and how many rows have each @param fractions of train, validation and test
 * @returns the split of each text; null for one that is not a time
 * @example splitByTime(times, [0.5, 0.25, 0.25]).get('2023') // 'validation' for one row of each year from 2021 to 2024
 */
export function splitByTime(
  times: readonly { readonly text: string; readonly count: number }[],
  [train, validation]: readonly [number, number, number],
): ReadonlyMap<string, SplitName | null> {
  const written = times.map(({ text, count }) => ({ text, count, time: parseTime(text) }));
  const rows = written.reduce((sum, { time, count }) => sum + (time === null ? 0 : count), 0);
  const splits = new Map<string, SplitName | null>();
  let before = 0;
  for (const [time, texted] of inOrder(written)) {
    const here = texted.reduce((sum, { count }) => sum + count, 0);
    const middle = (before + here / 2) / rows;
    const held = middle < train + validation ? 'validation' : 'test';
    const split = middle < train ? 'train' : held;
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
