import { bridgeMetrics, metrics } from '../metrics.ts';
import type { Section } from './panels.ts';

const selected = '{model=~"$model"}';
const { alerts, dispatches, mainChanged, mainModel, mainRead, retries, waiting } = bridgeMetrics;
const daily = (labels: string, name: string) => `sum by (${labels}) (increase(${name}[1d]))`;

/** Where models come from: data, promotions, and what people correct. */
export const dataSection: Section = {
  title: 'Data and promotions',
  panels: [
    {
      title: 'Main promotes',
      description:
        'Model and version on the default branch. Compare with "What serves". Shown where the bridge runs.',
      unit: 'short',
      kind: 'stat',
      runbook: 'MainstemVersionNotMain',
      queries: [
        {
          expression: `max by (model, version) (${mainModel.name}${selected})`,
          legend: '{{model}} {{version}}',
        },
      ],
    },
    {
      title: 'Since the last promotion',
      description: 'Time since main last changed what it promotes, by a promotion or a rollback.',
      unit: 's',
      kind: 'stat',
      runbook: 'MainstemPromotionStale',
      queries: [
        {
          expression: `time() - max by (model) (${mainChanged.name}${selected})`,
          legend: '{{model}}',
        },
      ],
    },
    {
      title: 'Data of what serves',
      description:
        'Digest of the data that each served version was made from; git log of data.lock.json explains it.',
      unit: 'short',
      kind: 'stat',
      runbook: 'MainstemModelVersionsDiffer',
      queries: [
        {
          expression: `max by (model, version, data) (${metrics.modelInfo.name}${selected})`,
          legend: '{{model}} {{version}}: {{data}}',
        },
      ],
    },
    {
      title: 'Corrections kept',
      description: 'Disk space of the corrections that the next collection can take over.',
      unit: 'bytes',
      kind: 'series',
      width: 12,
      runbook: 'MainstemQualityDrop',
      queries: [{ expression: `sum(${metrics.feedbackStored.name})`, legend: 'corrections' }],
    },
    {
      title: 'Lines of the prediction log',
      description:
        'Written, or dropped because too many waited (queue), one was too long, or the disk did not take them. Off without MAINSTEM_PREDICTION_LOG.',
      unit: 'ops',
      kind: 'series',
      width: 12,
      runbook: 'MainstemQualityDrop',
      queries: [
        {
          expression: `sum by (outcome) (rate(${metrics.predictionLogLines.name}[5m]))`,
          legend: '{{outcome}}',
        },
      ],
    },
    {
      title: 'Disk space of the prediction log',
      description: 'Beyond its limit, and when they are too old, the oldest answers are removed.',
      unit: 'bytes',
      kind: 'series',
      width: 12,
      runbook: 'MainstemQualityDrop',
      queries: [{ expression: `sum(${metrics.predictionLogStored.name})`, legend: 'answers' }],
    },
    {
      title: 'Judged answers, last day',
      description:
        'Answers that people confirmed or corrected: new labels, of which a new data version can be made.',
      unit: 'short',
      kind: 'series',
      width: 12,
      runbook: 'MainstemQualityDrop',
      queries: [
        {
          expression: `sum by (model, correct) (increase(${metrics.feedback.name}${selected}[1d]))`,
          legend: '{{model}}, right: {{correct}}',
        },
      ],
    },
  ],
};

/** What becomes of alerts that ask for a pull request. */
export const bridgeSection: Section = {
  title: 'From alerts to pull requests',
  panels: [
    {
      title: 'Dispatches, last day',
      description: 'What GitHub took, refused or never answered, by what was asked for.',
      unit: 'short',
      kind: 'series',
      runbook: 'MainstemDispatchFailed',
      queries: [
        { expression: daily('action, outcome', dispatches.name), legend: '{{action}} {{outcome}}' },
      ],
    },
    {
      title: 'Alerts, last day',
      description:
        'What became of the alerts that asked for an action: queued, answered before, within the cool-down, over, or ignored.',
      unit: 'short',
      kind: 'series',
      runbook: 'MainstemDispatchFailed',
      queries: [{ expression: daily('outcome', alerts.name), legend: '{{outcome}}' }],
    },
    {
      title: 'Notifications, last day',
      description: 'What Alertmanager sent: taken, without the token, wrong, or too many at once.',
      unit: 'short',
      kind: 'series',
      runbook: 'MainstemNotificationsFailing',
      queries: [
        { expression: daily('outcome', bridgeMetrics.notifications.name), legend: '{{outcome}}' },
      ],
    },
    {
      title: 'Waiting',
      description:
        'Dispatches that wait to be sent, and attempts of the last hour that have to be made again.',
      unit: 'short',
      kind: 'series',
      width: 12,
      runbook: 'MainstemDispatchFailed',
      queries: [
        { expression: `sum(${waiting.name})`, legend: 'waiting' },
        {
          expression: `sum by (reason) (increase(${retries.name}[1h]))`,
          legend: 'again: {{reason}}',
        },
      ],
    },
    {
      title: 'Main was read',
      description: 'Time since the bridge last read what main promotes; five minutes are usual.',
      unit: 's',
      kind: 'series',
      width: 12,
      runbook: 'MainstemMainUnread',
      queries: [{ expression: `time() - max by (job) (${mainRead.name})`, legend: '{{job}}' }],
    },
  ],
};
