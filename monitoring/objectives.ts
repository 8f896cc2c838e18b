/*
 * What you promise and what you want to hear about. Every value left out has the default that define-objectives.ts
 * explains. After a change: npm run dashboards
 */
import { defineObjectives } from './define-objectives.ts';

export const objectives = defineObjectives({
  // availability: 0.995,
  // latency: { seconds: 1, share: 0.99 },
  // runbook: 'https://github.com/you/your-repository/blob/main/monitoring/runbook.md',
});
