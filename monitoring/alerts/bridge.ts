import type { Objectives } from '../define-objectives.ts';
import { bridgeJob, bridgeMetrics, serverJob, watchers } from '../metrics.ts';
import { recorded } from '../rules/recorded.ts';
import type { Alert } from './alert.ts';

const lost = `sum by (job, action) (increase(${bridgeMetrics.dispatches.name}{outcome!="sent"}[1h])) > 0`;
const { name: waiting } = bridgeMetrics.waiting;
// Of a bridge that has just begun the half hour has one minute, in which something may wait that is sent in the next.
const late = `max by (job) (min_over_time(${waiting}[30m]) > 0 and ${waiting} offset 30m > 0)`;

const { mainModel, mainChanged, mainRead } = bridgeMetrics;
const main = (...labels: string[]) => `max by (${labels.join(', ')}) (${mainModel.name})`;
const unreadSeconds = 3600;

/**
 * Alerts on the way from an alert or a merge to a model that serves, as the bridge sees it. Without a bridge among the targets
 * there is nothing to say.
 */
export function bridgeAlerts({ promotedWithin }: Objectives): Alert[] {
  return [
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
    {
      ...{ name: 'MainstemVersionNotMain', severity: 'warning', for: '1h' },
      expression:
        `${recorded.serving.name}{job="${serverJob}"} unless on (model, version) ${main('model', 'version')} ` +
        `and on (model) ${main('model')}`,
      summary: 'What serves is not what the default branch promotes.',
      description:
        'Model {{ $labels.model }}: {{ $labels.version }} has served for an hour (info metric {{ $value }}) while main promotes another version.',
    },
    {
      ...{ name: 'MainstemPromotionStale', severity: 'warning', for: '1h' },
      expression: `time() - max by (model) (${mainChanged.name}) > ${secondsOf(promotedWithin)}`,
      summary: 'A model has not been promoted for longer than the objective allows.',
      description:
        'Model {{ $labels.model }} was last promoted {{ $value | humanizeDuration }} ago; has its retraining failed since?',
    },
    {
      ...{ name: 'MainstemMainUnread', severity: 'warning', for: '15m' },
      expression: `time() - max by (job) (${mainRead.name}) > ${unreadSeconds}`,
      summary: 'The bridge cannot read what the default branch promotes.',
      description:
        '{{ $labels.job }} last read it {{ $value | humanizeDuration }} ago, so what serves is compared with old news.',
    },
  ];
}

/** @param window as objectives write it, such as `90d` */
function secondsOf(window: string): number {
  const unit = { m: 60, h: 3600, d: 86_400 }[window.slice(-1)] ?? 1;
  return Number(window.slice(0, -1)) * unit;
}
