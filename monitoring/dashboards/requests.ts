import { metrics } from '../metrics.ts';
import type { Section } from './panels.ts';

const window = '[$__rate_interval]';
const requests = metrics.requests.name;
const duration = metrics.requestDuration.name;
const stage = metrics.stageDuration.name;

const quantile = (share: number) =>
  `histogram_quantile(${share}, sum by (le) (rate(${duration}_bucket${window})))`;

/** Whether callers get answers, and how fast. */
export const requestSection: Section = {
  title: 'Requests',
  panels: [
    {
      title: 'Requests',
      description:
        'Answers per second by status. 4xx are callers with unreadable input, 5xx are ours.',
      unit: 'reqps',
      kind: 'series',
      queries: [{ expression: `sum by (code) (rate(${requests}${window}))`, legend: '{{code}}' }],
    },
    {
      title: 'Errors',
      description: 'Share of requests that failed for a reason of the server. Should be 0.',
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
      description: 'Time from the first byte of a request to the last of its answer.',
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
      description: 'Mean time of each step of an answer.',
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
        'Requests being answered, and how many of them wait for a worker or are computed.',
      unit: 'short',
      kind: 'series',
      queries: [
        { expression: `sum(${metrics.requestsInFlight.name})`, legend: 'in flight' },
        { expression: `sum(${metrics.queue.name})`, legend: 'queue' },
      ],
    },
  ],
};
