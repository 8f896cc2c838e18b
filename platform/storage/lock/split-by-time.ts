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
  const partOf = (place: number): PartName => {
    if (isNewest(place, heldBack)) return 'heldBack';
    const open = place / (1 - heldBack);
    if (open < train) return 'train';
    return open < train + validation ? 'validation' : 'test';
  };
  const places = [...placesInTime(times)];
  return new Map(places.map(([text, place]) => [text, place === null ? null : partOf(place)]));
}

/** Whether a place in the order of time is in the share that is held back. */
export function isNewest(place: number, heldBack: number): boolean {
  return place / (1 - heldBack) >= 1;
}

/** Where the middle one of each time's rows stands in the order of all, from 0 to 1; null for a text that is not a time. */
export function placesInTime(
  times: readonly { readonly text: string; readonly count: number }[],
): ReadonlyMap<string, number | null> {
  const written = times.map(({ text, count }) => ({ text, count, time: parseTime(text) }));
  const rows = written.reduce((sum, { time, count }) => sum + (time === null ? 0 : count), 0);
  const places = new Map<string, number | null>();
  let before = 0;
  for (const [time, texted] of inOrder(written)) {
    const here = texted.reduce((sum, { count }) => sum + count, 0);
    const place = time === null ? null : (before + here / 2) / rows;
    for (const { text } of texted) places.set(text, place);
    if (time !== null) before += here;
  }
  return places;
}

/** One time may be written in several ways: with and without seconds, or with another offset. */
function inOrder<Written extends { readonly time: number | null }>(
  written: readonly Written[],
): [number | null, Written[]][] {
  const byTime = Map.groupBy(written, ({ time }) => time);
  return [...byTime].sort(([a], [b]) => (a ?? 0) - (b ?? 0));
}
