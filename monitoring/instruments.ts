import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MetricDefinition } from './metrics.ts';

type Label<D extends MetricDefinition> = D['labels'][number];
type InstrumentOf<D extends MetricDefinition> = D['type'] extends 'counter'
  ? Counter<Label<D>>
  : D['type'] extends 'gauge'
    ? Gauge<Label<D>>
    : Histogram<Label<D>>;

/** One prom-client instrument per metric of a table, under the same key. */
export type InstrumentsOf<Table extends Readonly<Record<string, MetricDefinition>>> = {
  readonly [Key in keyof Table]: InstrumentOf<Table[Key]>;
};

/** Creates an instrument for every metric of a table. */
export function createInstruments<Table extends Readonly<Record<string, MetricDefinition>>>(
  table: Table,
  registry: Registry,
): InstrumentsOf<Table> {
  const entries = Object.entries(table).map(([key, definition]) => [
    key,
    createInstrument(definition, registry),
  ]);
  return Object.fromEntries(entries);
}

function createInstrument(definition: MetricDefinition, registry: Registry) {
  const { name, help, labels, buckets } = definition;
  const common = { name, help, labelNames: [...labels], registers: [registry] };
  if (definition.type === 'counter') return new Counter(common);
  if (definition.type === 'gauge') return new Gauge(common);
  return new Histogram({ ...common, buckets: [...(buckets ?? [])] });
}
