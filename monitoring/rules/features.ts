import { normalQuantile } from '../../platform/quality/index.ts';
import type { Objectives } from '../define-objectives.ts';
import { metrics } from '../metrics.ts';
import { type RecordingRule, wilsonLow } from '../promql.ts';
import { counted } from './model.ts';
import { recorded } from './recorded.ts';

/** What of the features that models look up is not found, and how old what is found may be. */
export function featureRules({ window, falseAlarms }: Objectives): RecordingRule[] {
  const { lookups, notFound, notFoundShare, notFoundLow } = recorded;
  const z = normalQuantile(1 - falseAlarms);
  const all = metrics.featureLookups.name;
  return [
    { record: lookups, expression: counted(lookups.labels, all, window) },
    {
      record: notFound,
      expression: counted(notFound.labels, `${all}{status!="present"}`, window),
    },
    { record: notFoundShare, expression: `${notFound.name} / (${lookups.name} > 0)` },
    { record: notFoundLow, expression: wilsonLow(notFound.name, lookups.name, z) },
    { record: recorded.featureAge, expression: featureAge(recorded.featureAge.labels) },
  ];
}

/** Of the replica whose snapshot is oldest; none before there is one. */
function featureAge(labels: readonly string[]): string {
  return `time() - min by (${labels.join(', ')}) (${metrics.featureNewest.name} > 0)`;
}
