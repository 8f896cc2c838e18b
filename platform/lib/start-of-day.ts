/**
 * When a day of the calendar begins, in UTC.
 *
 * @param date as 2024-02-29 @returns milliseconds since 1970; null for a day that no calendar has
 * @example startOfDay('1970-01-02') // 86400000
 * @example startOfDay('2023-02-29') // null
 */
export function startOfDay(date: string): number | null {
  const time = Date.parse(`${date}T00:00Z`);
  // 30 February would be read as 1 March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date) ? time : null;
}
