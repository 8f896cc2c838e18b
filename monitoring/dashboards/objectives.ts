import { failureShare, recorded, slowShare } from '../rules/recorded.ts';
import type { Section } from './panels.ts';

/** Whether the objectives of monitoring/objectives.ts are kept. */
export const objectiveSection: Section = {
  title: 'Objectives',
  panels: [
    {
      title: 'Budgets left',
      description:
        'Share of what may go wrong in 30 days that is left: of failed answers, and of late ones. Below 0 the objective ' +
        'is missed.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemAvailabilityBudgetBurnSlow',
      queries: [
        { expression: recorded.availabilityLeft.name, legend: '{{job}}, failed' },
        { expression: recorded.latencyLeft.name, legend: '{{job}}, late' },
      ],
    },
    {
      title: 'Failed answers',
      description:
        'Share of requests for an answer that the server failed (5xx), over 1 and 6 hours.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemAvailabilityBudgetBurn',
      queries: [
        { expression: failureShare('1h').name, legend: '{{job}}, 1 h' },
        { expression: failureShare('6h').name, legend: '{{job}}, 6 h' },
      ],
    },
    {
      title: 'Late answers',
      description: 'Share of answers that came later than the objective, over 1 and 6 hours.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemLatencyBudgetBurn',
      queries: [
        { expression: slowShare('1h').name, legend: '{{job}}, 1 h' },
        { expression: slowShare('6h').name, legend: '{{job}}, 6 h' },
      ],
    },
  ],
};
