import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Sums that prom-client adds to gauges by type; their names end as only a counter's may. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Adds memory, processor time, event loop and garbage collection of this process. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
}
