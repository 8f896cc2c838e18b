import type { Objectives } from '../define-objectives.ts';
import { budgetOf } from '../promql.ts';
import {
  burnWindows,
  failureShare,
  type Recorded,
  recorded,
  slowShare,
} from '../rules/recorded.ts';
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

/** How many times faster than allowed the budgets are used up, as the alerts see it. */
export function burnSection({ availability, latency }: Objectives): Section {
  const rates = (share: (window: (typeof burnWindows)[number]) => Recorded, objective: number) =>
    burnWindows.map((window) => ({
      expression: `${share(window).name} / ${budgetOf(objective)}`,
      legend: `{{job}}, ${window}`,
    }));
  return {
    title: 'Burn rates',
    panels: [
      {
        title: 'Burn rate, failed answers',
        description:
          'At 1 the budget of 30 days lasts 30 days. 14.4 over 1 h and 5 m, or 6 over 6 h and 30 m, wake somebody; 3 over a ' +
          'day and 1 over three days do not.',
        unit: 'short',
        kind: 'series',
        width: 12,
        runbook: 'MainstemAvailabilityBudgetBurn',
        queries: rates(failureShare, availability),
      },
      {
        title: 'Burn rate, late answers',
        description: 'The same for answers that came later than the objective.',
        unit: 'short',
        kind: 'series',
        width: 12,
        runbook: 'MainstemLatencyBudgetBurn',
        queries: rates(slowShare, latency.share),
      },
    ],
  };
}
