import type { Objectives } from '../define-objectives.ts';
import { metrics } from '../metrics.ts';
import { budgetOf, type RecordingRule, sumBy } from '../promql.ts';
import { type BurnWindow, burnWindows, failureShare, recorded, slowShare } from './recorded.ts';

/** Predictions, inference and corrections. Pages and probes would only dilute what fails. */
const answers = 'method="POST"';
const byJob = (expression: string) => sumBy(['job'], expression);
const rate = (name: string, selector: string, window: string) =>
  byJob(`rate(${name}{${selector}}[${window}])`);

/** Rates, latency, and how fast the budgets of errors and of slow answers burn. */
export function serviceRules(objectives: Objectives): RecordingRule[] {
  const slow = (window: string) => slowRate(objectives, window);
  return [
    { record: recorded.answerRate, expression: total('5m') },
    { record: recorded.failureRate, expression: failures('5m') },
    { record: recorded.slowRate, expression: slow('5m') },
    ...burnWindows.flatMap((window) => [
      { record: failureShare(window), expression: shareOf(failures(window), window) },
      { record: slowShare(window), expression: shareOf(slow(window), window) },
    ]),
    {
      record: recorded.availabilityLeft,
      expression: budgetLeft(recorded.failureRate.name, objectives.availability),
    },
    {
      record: recorded.latencyLeft,
      expression: budgetLeft(recorded.slowRate.name, objectives.latency.share),
    },
    { record: recorded.median, expression: quantile(0.5) },
    { record: recorded.p95, expression: quantile(0.95) },
    { record: recorded.p99, expression: quantile(0.99) },
  ];
}

/** PromQL: how many requests for an answer there were in a window, by job. */
export function answersIn(window: BurnWindow): string {
  return byJob(`increase(${metrics.requests.name}{${answers}}[${window}])`);
}

function total(window: string): string {
  return rate(metrics.requests.name, answers, window);
}

/** Series of errors appear with the first error; without any the rate is 0, not absent. */
function failures(window: string): string {
  return `${rate(metrics.requests.name, `${answers}, code=~"5.."`, window)} or ${total(window)} * 0`;
}

/** Prometheus 3 writes the bound 1 as 1.0. */
function slowRate({ latency }: Objectives, window: string): string {
  const bound = String(latency.seconds);
  const escaped = bound.includes('.') ? bound.replace('.', '\\\\.') : `${bound}(\\\\.0)?`;
  const { name } = metrics.requestDuration;
  const inTime = rate(`${name}_bucket`, `${answers}, le=~"${escaped}"`, window);
  return `${rate(`${name}_count`, answers, window)} - ${inTime}`;
}

function shareOf(part: string, window: string): string {
  return `(${part}) / (${total(window)} > 0)`;
}

/** Sums, so that a quiet night counts for as little as it matters. */
function budgetLeft(part: string, objective: number): string {
  const over = (name: string) => `sum_over_time(${name}[30d])`;
  const allowed = budgetOf(objective);
  return `1 - ${over(part)} / (${over(recorded.answerRate.name)} > 0) / ${allowed}`;
}

function quantile(share: number): string {
  const { name } = metrics.requestDuration;
  return `histogram_quantile(${share}, ${sumBy(['job', 'le'], `rate(${name}_bucket{${answers}}[5m])`)})`;
}
