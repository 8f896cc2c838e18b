import type { Objectives } from '../define-objectives.ts';
import { metrics } from '../metrics.ts';
import { sumBy } from '../promql.ts';
import type { Alert } from './alert.ts';

const { name: loads } = metrics.modelLoads;
const unloadsPerMinute = sumBy(['job', 'instance'], `60 * rate(${metrics.modelUnloads.name}[10m])`);

/** Alerts on servers that do not hold all their models: too little room, a model that cannot be loaded. */
export function memoryAlerts({ unloadsPerMinute: most }: Objectives): Alert[] {
  return [
    {
      ...{ name: 'MainstemModelsThrash', severity: 'warning', for: '15m' },
      expression: `${unloadsPerMinute} > ${most}`,
      summary: 'A server unloads and loads models all the time, because they do not fit together.',
      description:
        '{{ $labels.instance }} of {{ $labels.job }} unloads {{ $value | humanize }} models a minute.',
    },
    {
      ...{ name: 'MainstemModelUnloadable', severity: 'warning' },
      expression: `${sumBy(['job', 'model'], `increase(${loads}{outcome="failed"}[15m])`)} > 0`,
      summary: 'A model could not be loaded when it was asked for; its requests fail.',
      description:
        'Model {{ $labels.model }} of {{ $labels.job }} could not be loaded within the last 15 minutes.',
    },
  ];
}
