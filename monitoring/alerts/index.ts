import type { Objectives } from '../define-objectives.ts';
import type { RuleFile } from '../rules/index.ts';
import { accessAlerts } from './access.ts';
import type { Alert } from './alert.ts';
import { bridgeAlerts } from './bridge.ts';
import { featureAlerts } from './features.ts';
import { inputAlerts } from './inputs.ts';
import { loopAlerts } from './loop.ts';
import { memoryAlerts } from './memory.ts';
import { modelAlerts } from './model.ts';
import { serviceAlerts } from './service.ts';
import { trialAlerts } from './trials.ts';

/** Every alert, in the order of the runbook. */
export function listAlerts(objectives: Objectives): Alert[] {
  return [
    ...serviceAlerts(objectives),
    ...modelAlerts(objectives),
    ...trialAlerts(objectives),
    ...inputAlerts(objectives),
    ...featureAlerts(objectives),
    ...accessAlerts,
    ...bridgeAlerts(objectives),
    ...memoryAlerts(objectives),
    ...loopAlerts,
  ];
}

/** Builds the alerting rules, each with the link to its entry in the runbook. */
export function buildAlerts(objectives: Objectives): RuleFile {
  const rules = listAlerts(objectives).map((alert) => render(alert, objectives.runbook));
  return { groups: [{ name: 'mainstem-alerts', rules }] };
}

function render(
  { name, severity, action, expression, summary, description, ...alert }: Alert,
  runbook: string,
) {
  const runbookUrl = `${runbook}#${name.toLowerCase()}`;
  return {
    alert: name,
    expr: expression,
    ...(alert.for && { for: alert.for }),
    labels: { severity, ...(action && { action }) },
    annotations: { summary, description, runbook_url: runbookUrl },
  };
}
