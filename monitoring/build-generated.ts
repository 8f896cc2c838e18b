import { buildAlerts } from './alerts/index.ts';
import { buildDashboard, listDashboards } from './dashboards/index.ts';
import type { Objectives } from './define-objectives.ts';
import { buildRules } from './rules/index.ts';

/** Builds every generated file, by its name in monitoring/generated/. */
export function buildGenerated(objectives: Objectives): Readonly<Record<string, object>> {
  const dashboards = listDashboards(objectives).map((spec) => [
    `dashboards/${spec.uid}.json`,
    buildDashboard(spec, objectives),
  ]);
  const alerts = buildAlerts(objectives);
  const rules = buildRules(objectives);
  return {
    ...Object.fromEntries(dashboards),
    'rules/alerts.json': alerts,
    'rules/rules.json': rules,
    // The same for clusters with the Prometheus Operator, which reads no files.
    'prometheus-rule.json': {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'mainstem', labels: { 'app.kubernetes.io/name': 'mainstem' } },
      spec: { groups: [...rules.groups, ...alerts.groups] },
    },
  };
}
