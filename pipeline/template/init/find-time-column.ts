import { parseTime } from '../../../platform/lib/parse-time.ts';
import type { ColumnSurvey } from './survey-table.ts';

/** With fewer times, most rows would share one and with it a split. */
const fewestTimes = 20;

/**
 * The first column by which rows can be split in time: every row has a day or a day with a time. Years alone are numbers,
 * and may mean anything.
 */
export function findTimeColumn(columns: readonly ColumnSurvey[]): ColumnSurvey | null {
  const found = columns.find(
    ({ numeric, missing, counts }) =>
      !numeric &&
      missing === 0 &&
      counts.size >= fewestTimes &&
      [...counts.keys()].every((text) => parseTime(text) !== null),
  );
  return found ?? null;
}
