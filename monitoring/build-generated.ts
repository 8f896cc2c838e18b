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
  return {
    ...Object.fromEntries(dashboards),
    'rules/alerts.json': buildAlerts(objectives),
    'rules/rules.json': buildRules(objectives),
  };
}
