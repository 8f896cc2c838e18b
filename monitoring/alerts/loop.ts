import { metrics, serverJob, watchers } from '../metrics.ts';
import { states } from '../promql.ts';
import { recorded } from '../rules/recorded.ts';
import type { Alert } from './alert.ts';

const up = `${watchers.up}{job="${serverJob}"}`;
const inProduction = `${metrics.modelInfo.name}{role!~"canary|shadow"}`;
const versions = `count by (job, model, version) (${inProduction}`;

/** Seconds: several looks, though they come more seldom while they fail. */
const longestUnseen = 900;

/** Alerts on what the other alerts rest on: that something serves, is scraped, and is heard. */
export const loopAlerts: readonly Alert[] = [
  {
    ...{ name: 'MainstemServerDown', severity: 'critical', for: '2m' },
    expression: `max by (job) (${up}) == 0 or absent(${up})`,
    summary: 'No server can be reached.',
    description: 'Prometheus reaches no server of {{ $labels.job }} (1 would be up, 0 is down).',
  },
  {
    ...{ name: 'MainstemScrapeDown', severity: 'warning', for: '15m' },
    expression: `${up} == 0 and on (job) max by (job) (${up}) == 1`,
    summary: 'One of several servers cannot be reached.',
    description:
      'Prometheus has not reached {{ $labels.instance }} of {{ $labels.job }} for 15 minutes.',
  },
  {
    ...{ name: 'MainstemModelNotReady', severity: 'critical', for: '5m' },
    expression: `max by (job, model) (${metrics.modelReady.name}) == 0`,
    summary: 'A model answers on no server.',
    description:
      'Model {{ $labels.model }} of {{ $labels.job }} has been loading or stopping for 5 minutes.',
  },
  {
    ...{ name: 'MainstemPointerRefused', severity: 'warning', for: '5m' },
    expression: `max by (job, model) (${metrics.pointerRefused.name}) == 1`,
    summary:
      'A server cannot load what a pointer names, and goes on with the version from before, or without the model.',
    description:
      'Model {{ $labels.model }} of {{ $labels.job }}: for 5 minutes a version that is named was refused ({{ $value }} is yes).',
  },
  {
    ...{ name: 'MainstemBranchUnseen', severity: 'warning', for: '5m' },
    expression: `max by (job, branch) (${metrics.followAge.name}) > ${longestUnseen}`,
    summary:
      'A server cannot see the branch that it follows: promotions and rollbacks do not reach it.',
    description:
      'A server of {{ $labels.job }} saw its branch {{ $labels.branch }} {{ $value | humanizeDuration }} ago for the last time.',
  },
  {
    ...{ name: 'MainstemModelVersionsDiffer', severity: 'warning', for: '1h' },
    expression: `count by (job, model) (${versions})) > 1`,
    summary: 'Servers answer with different versions of one model.',
    description:
      '{{ $value }} versions of model {{ $labels.model }} have been served by {{ $labels.job }} for an hour.',
  },
  {
    ...{ name: 'MainstemModelVersionChanged', severity: 'info' },
    expression:
      `count by (job, model) ((${versions})) unless (${versions} offset 30m))) ` +
      `and count by (job, model) (${inProduction} offset 30m)`,
    summary: 'A new version of a model began to serve within the last 30 minutes.',
    description:
      'Model {{ $labels.model }} of {{ $labels.job }} has {{ $value }} version that is new.',
  },
  {
    ...{ name: 'MainstemDriftUnknown', severity: 'info', for: '1d' },
    expression: `min by (job, model) (min_over_time(${recorded.driftState.name}[1d])) == ${states.unknown}`,
    summary: 'For a day too few inputs came to say whether they drift.',
    description:
      'Model {{ $labels.model }} of {{ $labels.job }} had fewer inputs in every window of the last day than a verdict needs.',
  },
  {
    ...{ name: 'MainstemRuleFailing', severity: 'warning' },
    expression: `sum by (rule_group) (increase(${watchers.ruleFailures}[15m])) > 0`,
    summary: 'Prometheus fails to evaluate rules, so that alerts may be missing.',
    description:
      '{{ $value | humanize }} evaluations of {{ $labels.rule_group }} failed in 15 minutes.',
  },
  {
    ...{ name: 'MainstemNotificationsFailing', severity: 'warning', for: '10m' },
    expression:
      `sum by (integration) (increase(${watchers.notificationsFailed}[15m])) > 0 ` +
      `or sum(increase(${watchers.notificationsDropped}[15m])) > 0`,
    summary: 'Alerts do not reach people.',
    description:
      '{{ $value | humanize }} notifications {{ with $labels.integration }}by {{ . }} {{ end }}failed in 15 minutes.',
  },
  {
    ...{ name: 'MainstemWatchdog', severity: 'info', expression: 'vector(1)' },
    summary: 'Always fires: where it is not heard, alerting itself is broken.',
    description:
      'Let a service outside this machine raise an alarm when this one (always 1) stops arriving.',
  },
];
