import { metrics } from '../metrics.ts';
import { recorded } from '../rules/recorded.ts';
import type { Section } from './panels.ts';

const window = '[$__rate_interval]';
const requests = metrics.requests.name;
const stage = metrics.stageDuration.name;

/** Whether requests succeed, and how fast. */
export const requestSection: Section = {
  title: 'Requests',
  panels: [
    {
      title: 'Requests',
      description:
        'Responses per second by status. 4xx are faults of the request, 5xx of the server.',
      unit: 'reqps',
      kind: 'series',
      width: 12,
      runbook: 'MainstemServerDown',
      queries: [{ expression: `sum by (code) (rate(${requests}${window}))`, legend: '{{code}}' }],
    },
    {
      title: 'Latency',
      description:
        'Time from the first byte of a request for an answer to the last byte of its response.',
      unit: 's',
      kind: 'series',
      width: 12,
      runbook: 'MainstemLatencyBudgetBurn',
      queries: [
        { expression: recorded.median.name, legend: 'median' },
        { expression: recorded.p95.name, legend: '95 %' },
        { expression: recorded.p99.name, legend: '99 %' },
      ],
    },
    {
      title: 'Where the time goes',
      description: 'Mean time of each stage of inference.',
      unit: 's',
      kind: 'series',
      runbook: 'MainstemLatencyBudgetBurn',
      queries: [
        {
          expression:
            `sum by (stage) (rate(${stage}_sum{model=~"$model"}${window})) / ` +
            `sum by (stage) (rate(${stage}_count{model=~"$model"}${window}))`,
          legend: '{{stage}}',
        },
      ],
    },
    {
      title: 'Work in progress',
      description:
        'Requests in flight, and how many of them are waiting for a worker or being computed.',
      unit: 'short',
      kind: 'series',
      runbook: 'MainstemLatencyBudgetBurn',
      queries: [
        { expression: `sum(${metrics.requestsInFlight.name})`, legend: 'in flight' },
        { expression: `sum(${metrics.queue.name})`, legend: 'queue' },
      ],
    },
    {
      title: 'Refused callers',
      description:
        'Requests per second that were refused for their key or token: none, a wrong one, a missing scope, too many.',
      unit: 'reqps',
      kind: 'series',
      runbook: 'MainstemRejectedInputs',
      queries: [
        {
          expression: `sum(rate(${metrics.access.name}{outcome!="admitted"}${window})) or vector(0)`,
          legend: 'refused',
        },
      ],
    },
  ],
};
