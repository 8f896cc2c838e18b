import { metrics, processMetrics, serverJob } from '../metrics.ts';
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
      title: 'Memory of models',
      description: 'What loaded models take, and what they may; a limit of 0 is none.',
      unit: 'bytes',
      kind: 'series',
      width: 6,
      runbook: 'MainstemModelsThrash',
      queries: [
        { expression: metrics.loadedBytes.name, legend: '{{instance}}' },
        { expression: metrics.loadedLimit.name, legend: '{{instance}} limit' },
      ],
    },
    {
      title: 'Loaded models',
      description: 'Networks that are loaded, of each server.',
      unit: 'short',
      kind: 'series',
      width: 6,
      runbook: 'MainstemModelsThrash',
      queries: [{ expression: metrics.loadedModels.name, legend: '{{instance}}' }],
    },
    {
      title: 'Loads and unloads',
      description:
        'Models that were loaded, could not be, or made room for others, per minute. Many of both: there is room for too few.',
      unit: 'short',
      kind: 'series',
      width: 6,
      runbook: 'MainstemModelUnloadable',
      queries: [
        {
          expression: `sum by (instance, outcome) (60 * rate(${metrics.modelLoads.name}[$__rate_interval]))`,
          legend: '{{instance}} {{outcome}}',
        },
        {
          expression: `sum by (instance) (60 * rate(${metrics.modelUnloads.name}[$__rate_interval]))`,
          legend: '{{instance}} unloaded',
        },
      ],
    },
    {
      title: 'Time to load a model',
      description: 'Mean since the server was started. A first request waits so long.',
      unit: 's',
      kind: 'series',
      width: 6,
      runbook: 'MainstemModelsThrash',
      queries: [
        {
          expression:
            `sum by (instance) (${metrics.modelLoadDuration.name}_sum) / ` +
            `clamp_min(sum by (instance) (${metrics.modelLoadDuration.name}_count), 1)`,
          legend: '{{instance}}',
        },
      ],
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
