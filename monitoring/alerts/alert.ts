import type { BridgeAction } from '../metrics.ts';

/** One alert. Its name is a heading of monitoring/runbook.md. */
export interface Alert {
  readonly name: `Mainstem${string}`;
  /** `critical`: somebody is woken. `warning`: somebody looks today. `info`: it is on record, nobody is notified. */
  readonly severity: 'critical' | 'warning' | 'info';
  /** What the bridge asks GitHub for; left out where only people can help. */
  readonly action?: BridgeAction;
  /** PromQL; each series that it returns is an alert. */
  readonly expression: string;
  /** How long it must hold. Left out where the windows of the expression already wait. */
  readonly for?: string;
  /** A constant sentence. */
  readonly summary: string;
  /** What was found, with its unit, in Prometheus' template language. */
  readonly description: string;
}
