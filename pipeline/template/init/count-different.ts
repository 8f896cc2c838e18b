import type { TableSurvey } from './survey-table.ts';

/** How many rows can differ, where nearly all must be equal to others; otherwise null. */
export function countDifferent({ columns, label, rows }: TableSurvey): number | null {
  let most = 1;
  for (const { distinct, missing } of [label, ...columns]) {
    // A column that is left out has no values that tell rows apart.
    most *= Math.max(distinct + (missing > 0 ? 1 : 0), 1);
    // Counting the values of all columns would take long, and is mostly not needed.
    if (most >= rows / 2) return null;
  }
  return most;
}
