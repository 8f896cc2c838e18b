import { Registry } from 'prom-client';
import { createInstruments, type InstrumentsOf } from '../instruments.ts';
import {
  alertOutcomes,
  bridgeActions,
  bridgeMetrics,
  dispatchOutcomes,
  notificationOutcomes,
  retryReasons,
} from '../metrics.ts';

export type BridgeInstruments = InstrumentsOf<typeof bridgeMetrics>;

/** The bridge's metrics. Every series that can be is there from the start, so that a first failure is an increase. */
export function createBridgeInstruments(): {
  readonly registry: Registry;
  readonly instruments: BridgeInstruments;
} {
  const registry = new Registry();
  const instruments = createInstruments(bridgeMetrics, registry);
  for (const outcome of notificationOutcomes) instruments.notifications.inc({ outcome }, 0);
  for (const reason of retryReasons) instruments.retries.inc({ reason }, 0);
  instruments.alerts.inc({ action: '', outcome: 'ignored' }, 0);
  for (const action of bridgeActions) {
    for (const outcome of alertOutcomes)
      if (outcome !== 'ignored') instruments.alerts.inc({ action, outcome }, 0);
    for (const outcome of dispatchOutcomes) instruments.dispatches.inc({ action, outcome }, 0);
    instruments.lastSent.set({ action }, 0);
  }
  return { registry, instruments };
}
