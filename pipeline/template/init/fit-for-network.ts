import type { Feature } from './choose-feature.ts';
import type { ColumnSurvey } from './survey-table.ts';

/** With fewer gaps, a number for them would be learnt from a handful of rows; with fewer values, the value would be. */
const fewestGaps = 0.05;

/** Adds to a feature what a network needs of it; trees take columns as they are. */
export function fitForNetwork(
  feature: Feature,
  { missing }: Pick<ColumnSurvey, 'missing'>,
): Feature {
  const isFrequent = missing >= fewestGaps && missing <= 1 - fewestGaps;
  if (feature.kind === 'category' || !isFrequent) return feature;
  return { ...feature, indicateGaps: true };
}
