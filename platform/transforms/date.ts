import { startOfDay } from '../lib/start-of-day.ts';

/** What a date is as numbers. */
export const dateParts = ['year', 'month', 'weekday', 'day'] as const;
export type DatePart = (typeof dateParts)[number];

const pattern = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.*)?$/;
const msOfDay = 86_400_000;

/**
 * The day of a date as people, databases and Parquet files write it, whatever the time of the day: days since 1 January
 * 1970. Null for anything else; 03/04/2026 may be in March or in April.
 *
 * @example parseDay('1970-01-31') // 30
 * @example parseDay('2026-02-30') // null
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
