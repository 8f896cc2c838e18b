import type { Registry } from 'prom-client';
import {
  createInstruments as createAll,
  type InstrumentsOf,
  metrics,
} from '../../monitoring/index.ts';

/** One prom-client instrument per metric of the server in the table, under the same key. */
export type Instruments = InstrumentsOf<typeof metrics>;

/** Creates an instrument for every metric of the server. */
export function createInstruments(registry: Registry): Instruments {
  return createAll(metrics, registry);
}
