import { fitRobustScale } from '../../../platform/transforms/index.ts';
import type { Feature } from './choose-feature.ts';
import type { ColumnSurvey } from './survey-table.ts';

/** With fewer gaps, a number for them would be learnt from a handful of rows; with fewer values, the value would be. */
const fewestGaps = 0.05;
/** By so much the values far out widen the deviation, and squeeze all others. */
const farOut = 2;

/** Adds to a feature what a network needs of it; trees take columns as they are. */
export function fitForNetwork(
  feature: Feature,
  { missing, numbers }: Pick<ColumnSurvey, 'missing' | 'numbers'>,
): Feature {
  const isFrequent = missing >= fewestGaps && missing <= 1 - fewestGaps;
  return {
    ...feature,
    ...(feature.kind === 'number' && hasOutliers(numbers) && { scaling: 'robust' }),
    ...(feature.kind !== 'category' && isFrequent && { indicateGaps: true }),
  };
}

function hasOutliers(numbers: Float64Array): boolean {
  const robust = fitRobustScale(numbers);
  if (!robust) return false;
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / numbers.length) > farOut * robust.deviation;
}
