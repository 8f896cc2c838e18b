import { bridgeMetrics, metrics, watchers } from '../metrics.ts';
import { recorded } from '../rules/recorded.ts';
import { chosen, type Section } from './panels.ts';
import { whatServes } from './quality.ts';

const selected = '{model=~"$model"}';

/** All models at a glance: what serves, whether it answers, and whether somebody should look closer. */
export const fleetSection: Section = {
  title: 'Fleet',
  panels: [
    whatServes,
    {
      title: 'Ready',
      description: 'Servers that answer with each model. 0: nobody does.',
      unit: 'short',
      kind: 'stat',
      runbook: 'MainstemModelNotReady',
      queries: [
        {
          expression: `sum by (model, version) (${metrics.modelReady.name}${selected})`,
          legend: '{{model}} {{version}}',
        },
      ],
    },
    {
      title: 'Alerts',
      description:
        'Alerts that fire now and ask for a look; those that are only on record are left out.',
      unit: 'short',
      kind: 'stat',
      runbook: 'MainstemWatchdog',
      queries: [
        {
          expression: `count(${watchers.alerts}{alertstate="firing", severity!="info"}) or vector(0)`,
          legend: 'firing',
        },
      ],
    },
    {
      title: 'Requests for an answer',
      description: 'Per second, of all servers of a job.',
      unit: 'reqps',
      kind: 'series',
      runbook: 'MainstemServerDown',
      queries: [{ expression: recorded.answerRate.name, legend: '{{job}}' }],
    },
    {
      title: 'Slowest answers',
      description: 'Within so many seconds 99 % of the answers come.',
      unit: 's',
      kind: 'series',
      runbook: 'MainstemLatencyBudgetBurn',
      queries: [{ expression: recorded.p99.name, legend: '{{job}}' }],
    },
    {
      title: 'Answers per model',
      description: 'Inputs answered in the window over which inputs are compared.',
      unit: 'short',
      kind: 'series',
      runbook: 'MainstemDriftUnknown',
      queries: [{ expression: chosen(recorded.answered), legend: '{{model}} {{version}}' }],
    },
    {
      title: 'Worst drift',
      description:
        'The property that has moved most, as its index over what chance explains. Above 1 there is evidence of drift.',
      unit: 'short',
      kind: 'series',
      runbook: 'MainstemDataDrift',
      queries: [
        {
          expression: `max by (model) (${chosen(recorded.stability)} / ${chosen(recorded.noise)})`,
          legend: '{{model}}',
        },
      ],
    },
    {
      title: 'Estimated accuracy against the test split',
      description:
        'Mean calibrated confidence, less that on the test split: below 0 the model is less sure.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemConfidenceDrop',
      queries: [
        {
          expression:
            `max by (model, version) (${chosen(recorded.confidence)}) - ` +
            `max by (model, version) (${metrics.referenceConfidence.name}${selected})`,
          legend: '{{model}} {{version}}',
        },
      ],
    },
    {
      title: 'Promoted',
      description: 'Seconds since main last changed what it promotes. Shown where the bridge runs.',
      unit: 's',
      kind: 'stat',
      runbook: 'MainstemPromotionStale',
      queries: [
        {
          expression: `time() - max by (model) (${bridgeMetrics.mainChanged.name}${selected})`,
          legend: '{{model}}',
        },
      ],
    },
  ],
};
