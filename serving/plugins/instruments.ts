import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type MetricDefinition, metrics } from '../../monitoring/index.ts';

type Label<D extends MetricDefinition> = D['labels'][number];
type InstrumentOf<D extends MetricDefinition> = D['type'] extends 'counter'
  ? Counter<Label<D>>
  : D['type'] extends 'gauge'
    ? Gauge<Label<D>>
    : Histogram<Label<D>>;

/** One instrument for each metric of the table, under the table's key. */
export type Instruments = {
  readonly [Key in keyof typeof metrics]: InstrumentOf<(typeof metrics)[Key]>;
};

/** Builds every metric of the table in a registry. */
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
