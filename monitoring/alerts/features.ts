import type { Objectives } from '../define-objectives.ts';
import { metrics } from '../metrics.ts';
import { maxBy, served } from '../promql.ts';
import { recorded } from '../rules/recorded.ts';
import type { Alert } from './alert.ts';

const view = 'Model {{ $labels.model }} {{ $labels.version }}, view {{ $labels.view }}';

/** Alerts on columns that are looked up: whether they are found, and whether anybody still writes them. */
export function featureAlerts({ window, missing }: Objectives): Alert[] {
  const { notFoundShare, notFoundLow, featureAge } = recorded;
  const limit = maxBy(featureAge.labels, metrics.featureFreshness.name);
  return [
    {
      ...{ name: 'MainstemFeaturesNotFound', severity: 'warning', for: '10m' },
      expression: `${notFoundShare.name} and ${notFoundLow.name} > ${missing}`,
      summary: 'Features are looked up and not found more often than the objective allows.',
      description: `${view}: not found for {{ $value | humanizePercentage }} of the rows of ${window}.`,
    },
    {
      ...{ name: 'MainstemFeaturesUnavailable', severity: 'warning', for: '10m' },
      expression: `count by (${served.join(', ')}) (${metrics.featureSnapshot.name} == 0)`,
      summary: 'A model looks features up, and a server has no snapshot of them.',
      description:
        'Model {{ $labels.model }} {{ $labels.version }}: {{ $value }} servers have had no snapshot that fits for 10 minutes.',
    },
    {
      ...{ name: 'MainstemFeaturesStale', severity: 'warning', for: '10m' },
      expression: `${featureAge.name} > ${limit}`,
      summary: 'The newest value of a view is older than its freshness.',
      description: `${view}: the newest value is {{ $value | humanizeDuration }} old.`,
    },
  ];
}
