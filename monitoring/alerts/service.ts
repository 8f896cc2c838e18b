import type { Objectives } from '../define-objectives.ts';
import { budgetOf } from '../promql.ts';
import { type BurnWindow, failureShare, type Recorded, slowShare } from '../rules/recorded.ts';
import { answersIn } from '../rules/service.ts';
import type { Alert } from './alert.ts';

/** A long window that proves it, a short one that says it still burns, and how many times too fast. */
interface Burn {
  readonly long: BurnWindow;
  readonly short: BurnWindow;
  readonly factor: number;
}

// 2, 5, 10 and 10 % of the budget of 30 days: Google's SRE Workbook, chapter 5.
const fast: readonly Burn[] = [
  { long: '1h', short: '5m', factor: 14.4 },
  { long: '6h', short: '30m', factor: 6 },
];
const slow: readonly Burn[] = [
  { long: '1d', short: '2h', factor: 3 },
  { long: '3d', short: '6h', factor: 1 },
];

/** Alerts on the objectives of the service: availability and latency, each burning fast or slowly. */
export function serviceAlerts(objectives: Objectives): Alert[] {
  const { availability, latency, fewestRequests } = objectives;
  const failed = (burns: readonly Burn[]) =>
    burnsToo(failureShare, burns, budgetOf(availability), fewestRequests);
  const late = (burns: readonly Burn[]) =>
    burnsToo(slowShare, burns, budgetOf(latency.share), fewestRequests);
  const failing = `{{ $value | humanizePercentage }} of the requests for an answer to {{ $labels.job }} fail (5xx); ${percent(budgetOf(availability))} may.`;
  const lagging = `{{ $value | humanizePercentage }} of the answers of {{ $labels.job }} take longer than ${latency.seconds} s; ${percent(budgetOf(latency.share))} may.`;
  return [
    {
      ...{ name: 'MainstemAvailabilityBudgetBurn', severity: 'critical', expression: failed(fast) },
      summary: 'The server fails so many requests that its error budget is gone within days.',
      description: failing,
    },
    {
      ...{ name: 'MainstemAvailabilityBudgetBurnSlow', severity: 'warning' },
      expression: failed(slow),
      summary: 'The server fails more requests than its objective allows.',
      description: failing,
    },
    {
      ...{ name: 'MainstemLatencyBudgetBurn', severity: 'critical', expression: late(fast) },
      summary: 'So many answers come late that the budget for them is gone within days.',
      description: lagging,
    },
    {
      ...{ name: 'MainstemLatencyBudgetBurnSlow', severity: 'warning', expression: late(slow) },
      summary: 'More answers come late than the objective allows.',
      description: lagging,
    },
  ];
}

function burnsToo(
  shareOf: (window: BurnWindow) => Recorded,
  burns: readonly Burn[],
  budget: number,
  fewest: number,
): string {
  return burns
    .map(({ long, short, factor }) => {
      const limit = Number((factor * budget).toPrecision(12));
      const both = [long, short].map((window) => `${shareOf(window).name} > ${limit}`);
      return `(${both.join(' and ')} and ${answersIn(long)} >= ${fewest})`;
    })
    .join(' or ');
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}
