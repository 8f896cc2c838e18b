import type { Recorded } from './rules/recorded.ts';

/** The labels of a served model. `job` keeps environments apart that one Prometheus watches. */
export const served = ['job', 'model', 'version'] as const;

/** @example sumBy(['job'], 'rate(x[5m])') // 'sum by (job) (rate(x[5m]))' */
export function sumBy(labels: readonly string[], expression: string): string {
  return `sum by (${labels.join(', ')}) (${expression})`;
}

/** @example maxBy(['job'], 'x') // 'max by (job) (x)' */
export function maxBy(labels: readonly string[], expression: string): string {
  return `max by (${labels.join(', ')}) (${expression})`;
}

/** @example on(served) // 'on (job, model, version)' */
export function on(labels: readonly string[]): string {
  return `on (${labels.join(', ')})`;
}

/**
 * The lower end of Wilson's interval of hits / count, 0 for no hits. Both sides may be fractions, as increases are.
 *
 * @param hits PromQL of at least 0
 * @param z quantile of the normal distribution
 */
export function wilsonLow(hits: string, count: string, z: number): string {
  return `clamp_min(${wilsonEnd(hits, count, '-', z)}, 0)`;
}

/** The upper end of Wilson's interval, see {@link wilsonLow}. */
export function wilsonHigh(hits: string, count: string, z: number): string {
  return `clamp_max(${wilsonEnd(hits, count, '+', z)}, 1)`;
}

function wilsonEnd(hits: string, count: string, sign: '+' | '-', z: number): string {
  const square = z * z;
  const spread = `${hits} * clamp_min(${count} - ${hits}, 0) / (${count} > 0) + ${square / 4}`;
  return `(${hits} + ${square / 2} ${sign} ${z} * sqrt(${spread})) / (${count} + ${square})`;
}

/** What a verdict is made from, in PromQL with the same labels throughout. */
export interface Verdict {
  /** A comparison with `bool`. */
  readonly bad: string;
  /** How many inputs it rests on, and the fewest that say something. */
  readonly count: string;
  readonly fewest: number;
  /** What it compares with; where there is none, there is no verdict. */
  readonly reference: string;
}

/** A verdict as a number: 0 all right, 1 not, 2 too few inputs to say. */
export function stateOf({ bad, count, fewest, reference }: Verdict): string {
  return `((${bad}) and ${count} >= ${fewest}) or (${count} and ${reference}) * 0 + ${states.unknown}`;
}

/** The values of a state. */
export const states = { ok: 0, bad: 1, unknown: 2 } as const;

/** A recording rule. */
export interface RecordingRule {
  readonly record: Recorded;
  readonly expression: string;
}

/** The share that an objective allows to go wrong, without the noise of binary fractions. */
export function budgetOf(objective: number): number {
  return Number((1 - objective).toPrecision(12));
}
