import { metrics } from '../metrics.ts';
import type { Alert } from './alert.ts';

const week = 7 * 24 * 3600;
const left = `min by (job, key) (${metrics.accessKeyExpires.name}) - time()`;

/** Alerts on who may call: a key that nobody renews, a keys file that nobody can read. */
export const accessAlerts: readonly Alert[] = [
  {
    ...{ name: 'MainstemKeysFileDamaged', severity: 'warning', for: '5m' },
    expression: `max by (job) (${metrics.accessFileDamaged.name}) == 1`,
    summary: 'A keys file cannot be read: keys that were added or revoked since do not count.',
    description:
      'A server of {{ $labels.job }} has gone on with the keys from before for 5 minutes.',
  },
  {
    ...{ name: 'MainstemKeyExpires', severity: 'warning', for: '15m' },
    expression: `(${left} > 0) and (${left} < ${week})`,
    summary: 'A key ends within a week.',
    description:
      'Key {{ $labels.key }} of {{ $labels.job }} ends in {{ $value | humanizeDuration }}; its callers are refused then.',
  },
];
