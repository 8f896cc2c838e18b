import { metrics } from '../metrics.ts';
import { recorded } from '../rules/recorded.ts';
import { chosen, type Section } from './panels.ts';

const selected = '{model=~"$model"}';

/** What models look up: whether it is found, and how old it is. */
export const featuresSection: Section = {
  title: 'Features',
  panels: [
    {
      title: 'Looked up, last hour',
      description:
        'Rows by what was found: present, missing (no such key), expired (too old), unavailable (the server has no snapshot).',
      unit: 'short',
      kind: 'series',
      width: 12,
      runbook: 'MainstemFeaturesNotFound',
      queries: [
        {
          expression: `sum by (view, status) (increase(${metrics.featureLookups.name}${selected}[1h]))`,
          legend: '{{view}}, {{status}}',
        },
      ],
    },
    {
      title: 'Not found',
      description: 'Share of the rows whose features of a view were not found.',
      unit: 'percentunit',
      kind: 'series',
      width: 12,
      runbook: 'MainstemFeaturesNotFound',
      queries: [{ expression: chosen(recorded.notFoundShare), legend: '{{model}} {{view}}' }],
    },
    {
      title: 'Age of the newest value',
      description: 'How old the newest value of a view is, and how old it may be.',
      unit: 's',
      kind: 'series',
      width: 12,
      runbook: 'MainstemFeaturesStale',
      queries: [
        { expression: chosen(recorded.featureAge), legend: '{{model}} {{view}}' },
        {
          expression: `max by (model, view) (${metrics.featureFreshness.name}${selected})`,
          legend: '{{model}} {{view}}, limit',
        },
      ],
    },
    {
      title: 'Age of the snapshot',
      description:
        'How long ago the oldest snapshot that a replica uses was made; what became known since is not looked up.',
      unit: 's',
      kind: 'series',
      width: 12,
      runbook: 'MainstemFeaturesUnavailable',
      queries: [
        {
          expression: `time() - min by (model) (${metrics.featureSnapshot.name}${selected} > 0)`,
          legend: '{{model}}',
        },
      ],
    },
  ],
};
