import { metrics } from '../metrics.ts';
import type { Section } from './panels.ts';

const window = '[$__rate_interval]';
const requests = metrics.requests.name;
const duration = metrics.requestDuration.name;
const stage = metrics.stageDuration.name;

const quantile = (share: number) =>
  `histogram_quantile(${share}, sum by (le) (rate(${duration}_bucket${window})))`;

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
      queries: [{ expression: `sum by (code) (rate(${requests}${window}))`, legend: '{{code}}' }],
    },
    {
      title: 'Errors',
      description: 'Share of requests that failed because of the server. Should be 0.',
      unit: 'percentunit',
      kind: 'series',
      queries: [
        {
          expression: `sum(rate(${requests}{code=~"5.."}${window})) / sum(rate(${requests}${window})) or vector(0)`,
          legend: 'errors',
        },
      ],
    },
    {
      title: 'Latency',
      description: 'Time from the first byte of a request to the last byte of its response.',
      unit: 's',
      kind: 'series',
      queries: [
        { expression: quantile(0.5), legend: 'median' },
        { expression: quantile(0.95), legend: '95 %' },
        { expression: quantile(0.99), legend: '99 %' },
      ],
    },
    {
      title: 'Where the time goes',
      description: 'Mean time of each stage of inference.',
      unit: 's',
      kind: 'series',
      width: 16,
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
      queries: [
        {
          expression: `sum(rate(${metrics.access.name}{outcome!="admitted"}${window})) or vector(0)`,
          legend: 'refused',
        },
      ],
    },
  ],
};
