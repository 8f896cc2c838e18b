import { startOfDay } from '../lib/start-of-day.ts';

/** What a date is as numbers. */
export const dateParts = ['year', 'month', 'weekday', 'day'] as const;
export type DatePart = (typeof dateParts)[number];

/** Up to 23:59:60, and 24:00 for the end of a day; then fractions, zones, or whatever follows. */
const clock = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?:(?!:?\d)|:(?:[0-5]\d|60)(?!\d))|24:00(?::00)?(?![:\d])`;
const pattern = new RegExp(String.raw`^(\d{4}-\d{2}-\d{2})(?:[T ](?:${clock}).*)?$`);
const msOfDay = 86_400_000;

/**
 * The day of a date as people, databases and Parquet files write it, whatever the time of the day: days since 1 January
 * 1970. Null for anything else; 03/04/2026 may be in March or in April.
 *
 * @example parseDay('1970-01-31') // 30
 * @example parseDay('2026-02-30') // null
 * @example parseDay('2026-02-28T25:00') // null
 */
export function parseDay(cell: unknown): number | null {
  const date = pattern.exec(String(cell).trim())?.[1];
  const time = date === undefined ? null : startOfDay(date);
  return time === null ? null : Math.round(time / msOfDay);
}

/**
 * One number of a day: the year, the month from 1, the weekday from 0 (Sunday), or the day itself, which says how long
 * ago it was.
 *
 * @example partOf(30, 'month') // 1
 */
export function partOf(day: number, part: DatePart): number {
  if (part === 'day') return day;
  const date = new Date(day * msOfDay);
  if (part === 'year') return date.getUTCFullYear();
  return part === 'month' ? date.getUTCMonth() + 1 : date.getUTCDay();
}
