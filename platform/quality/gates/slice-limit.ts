import type { GateResult, SliceResult } from '../../schemas/index.ts';
import type { QualityMetric } from '../metrics/metric.ts';
import { holm } from '../statistics/holm.ts';
import type { GateFacts, GateMistake, GateScope } from './gate.ts';
import { renderLimit } from './render-limit.ts';

/** How likely chance makes a slice beyond the limit of what is not, one-sided, over all slices together. */
const level = 0.05;

/** A slice with enough examples to be judged. */
export interface JudgedSlice {
  /** The column and its value. */
  readonly name: string;
  readonly count: number;
  readonly value: number;
  /** The 95 % interval of the value. */
  readonly low: number;
  readonly high: number;
  /** How likely a value so bad is, or a worse one, if the slice is just as good as the limit. */
  readonly pValue: number;
}

/** What slices are judged by. */
export interface SliceRule {
  /** What is measured, for people: `accuracy`. */
  readonly label: string;
  readonly limit: number;
  /** Whether values below the limit are bad, or those above. */
  readonly bad: 'below' | 'above';
}

/** Checks that slices of such a project have the metric. @returns null if they do */
export function checkSlices(
  metric: QualityMetric,
  { task, slices }: GateScope,
): GateMistake | null {
  const left = { key: 'slices', reason: '' };
  if (!metric.tasks.some((known) => known === task)) {
    return {
      ...left,
      reason: `must be left out: a slice has no ${metric.label} for task ${task}`,
    };
  }
  return slices ? null : { ...left, reason: 'must be left out: the project names no slices' };
}

/** The slices of the candidate that have as many examples as the project asks. */
export function slicesToJudge({ candidate, slices }: GateFacts): SliceResult[] {
  return candidate.slices.filter(({ slice, count }) => {
    const minimum = slices.find(({ column }) => column === slice)?.minimumCount ?? 0;
    return count >= minimum;
  });
}

/**
 * Fails where a slice is shown to be beyond the limit: a point estimate would fail most projects with many slices for
 * nothing, because the worst of many looks bad by chance.
 */
export function judgeSlices(judged: readonly JudgedSlice[], rule: SliceRule): GateResult {
  const gate = 'slices';
  const [worst] = judged.toSorted((a, b) =>
    rule.bad === 'below' ? a.value - b.value : b.value - a.value,
  );
  if (!worst) return { gate, passed: true, message: 'no slice has enough examples to be judged' };
  const corrected = holm(judged.map(({ pValue }) => pValue));
  const isShown = (index: number) => (corrected[index] ?? 1) <= level;
  const beyond = judged.filter((_, index) => isShown(index)).sort((a, b) => a.pValue - b.pValue);
  const [surest] = beyond;
  const { label, limit, bad } = rule;
  if (surest) {
    const more = beyond.length > 1 ? `, and ${beyond.length - 1} more` : '';
    const message = `slice ${label} ${describe(surest)} is ${bad} ${renderLimit(limit)}${more}`;
    return { gate, passed: false, message };
  }
  const within = bad === 'below' ? worst.value >= limit : worst.value <= limit;
  const sign = bad === 'below' ? '≥' : '≤';
  const judgement = within
    ? `${sign} ${renderLimit(limit)}`
    : `is not shown to be ${bad} ${renderLimit(limit)}`;
  const extreme = bad === 'below' ? 'lowest' : 'highest';
  return {
    gate,
    passed: true,
    message: `${extreme} slice ${label} ${describe(worst)} ${judgement}`,
  };
}

function describe({ name, count, value, low, high }: JudgedSlice): string {
  const interval = `95 % ${renderLimit(low)} to ${renderLimit(high)}`;
  return `${renderLimit(value)} (${name}, ${count} examples, ${interval})`;
}
