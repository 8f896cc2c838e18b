import { bridgeJob, bridgeMetrics, watchers } from '../metrics.ts';
import type { Alert } from './alert.ts';

const lost = `sum by (job, action) (increase(${bridgeMetrics.dispatches.name}{outcome!="sent"}[1h])) > 0`;
const late = `max by (job) (min_over_time(${bridgeMetrics.waiting.name}[30m])) > 0`;

/** Alerts on the bridge from alerts to pull requests. Without a bridge among the targets there is nothing to say. */
export const bridgeAlerts: readonly Alert[] = [
  {
    ...{ name: 'MainstemDispatchFailed', severity: 'warning' },
    expression: `${lost} or ${late}`,
    summary:
      'GitHub does not take what the bridge asks for, so that an alert leads to no pull request.',
    description:
      '{{ $value | humanize }} dispatches{{ with $labels.action }} ({{ . }}){{ end }} of {{ $labels.job }} were given up, or have been waiting for 30 minutes.',
  },
  {
    ...{ name: 'MainstemBridgeDown', severity: 'warning', for: '5m' },
    expression: `max by (job) (${watchers.up}{job="${bridgeJob}"}) == 0`,
    summary: 'The bridge cannot be reached, so that alerts lead to no pull request.',
    description: 'Prometheus has not reached {{ $labels.job }} for 5 minutes.',
  },
];
