import { processMetrics, serverJob } from '../metrics.ts';
import type { Section } from './panels.ts';

const ofServers = `{job="${serverJob}"}`;

/** What the servers' processes use, and how much of it is left for more requests. */
export const resourceSection: Section = {
  title: 'Resources',
  panels: [
    {
      title: 'Processor',
      description:
        'Processor cores in use. Beside the queue it says whether more workers would help.',
      unit: 'short',
      kind: 'series',
      width: 6,
      runbook: 'MainstemLatencyBudgetBurn',
      queries: [
        {
          expression: `rate(${processMetrics.processor}${ofServers}[$__rate_interval])`,
          legend: '{{instance}}',
        },
      ],
    },
    {
      title: 'Memory',
      description: 'Resident memory of each server. One that grows for days leaks.',
      unit: 'bytes',
      kind: 'series',
      width: 6,
      runbook: 'MainstemScrapeDown',
      queries: [{ expression: `${processMetrics.memory}${ofServers}`, legend: '{{instance}}' }],
    },
    {
      title: 'Event loop',
      description:
        'How late the event loop is, 99th percentile. Every request waits at least so long.',
      unit: 's',
      kind: 'series',
      width: 6,
      runbook: 'MainstemLatencyBudgetBurn',
      queries: [{ expression: `${processMetrics.loopLag}${ofServers}`, legend: '{{instance}}' }],
    },
    {
      title: 'Open files',
      description: 'Files and connections that are open.',
      unit: 'short',
      kind: 'series',
      width: 6,
      runbook: 'MainstemScrapeDown',
      queries: [{ expression: `${processMetrics.openFiles}${ofServers}`, legend: '{{instance}}' }],
    },
  ],
};
