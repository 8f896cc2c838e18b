import { startOfDay } from './start-of-day.ts';

/**
 * A point in time as people write it in tables: a year, a month, a day, or a day with a time. Without an offset it is
 * taken for UTC, so that a table means the same on every machine. Only what sorts the same as text is read: 3/4/2024 is
 * two days, depending on who reads it.
 *
 * @returns milliseconds since 1970; null for anything else, and for days that no calendar has
 * @example parseTime('2024') // 1704067200000
 * @example parseTime('2024-02-29 13:30') // 1709213400000
 * @example parseTime('2023-02-29') // null
 */
export function parseTime(text: string): number | null {
  const found = pattern.exec(text.trim());
  if (!found) return null;
  const [, year, month = '01', day = '01', hour = '00', minute = '00', rest = '', offset] = found;
  const date = `${year}-${month}-${day}`;
  const time = Date.parse(`${date}T${hour}:${minute}${rest}${offset ?? 'Z'}`);
  return Number.isNaN(time) || startOfDay(date) === null ? null : time;
}

const pattern =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;
