import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type MetricDefinition, metrics } from '../../monitoring/index.ts';

type Label<D extends MetricDefinition> = D['labels'][number];
type InstrumentOf<D extends MetricDefinition> = D['type'] extends 'counter'
  ? Counter<Label<D>>
  : D['type'] extends 'gauge'
    ? Gauge<Label<D>>
    : Histogram<Label<D>>;

/** One prom-client instrument per metric in the table, under the same key. */
export type Instruments = {
  readonly [Key in keyof typeof metrics]: InstrumentOf<(typeof metrics)[Key]>;
};

/** Creates an instrument for every metric in the table. */
export function createInstruments(registry: Registry): Instruments {
  const entries = Object.entries(metrics).map(([key, definition]) => [
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
