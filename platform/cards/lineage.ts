import { uuidOf } from './bill-of-materials.ts';
import type { CardFacts, DataFact } from './facts.ts';

const producer = 'urn:mainstem';
const spec = 'https://openlineage.io/spec';

/**
 * The run that made a model, as OpenLineage events (START and COMPLETE, one JSON object each): from which versions of which
 * data, with which code. Both carry the one time that the record knows.
 *
 * @see https://openlineage.io/docs/spec/object-model
 */
export function buildLineage({ record, data }: CardFacts) {
  const event = (eventType: 'START' | 'COMPLETE') => ({
    eventType,
    eventTime: record.createdAt,
    producer,
    schemaURL: `${spec}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    run: { runId: uuidOf(record.key) },
    job: {
      namespace: 'mainstem',
      name: `train ${record.model}`,
      facets: {
        jobType: {
          ...facet('2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet'),
          ...{ processingType: 'BATCH', integration: 'MAINSTEM', jobType: 'TRAINING' },
        },
      },
    },
    inputs: data.flatMap(inputsOf),
    outputs: eventType === 'START' ? [] : [outputOf(record.model, record.package.onnx.digest)],
  });
  return [event('START'), event('COMPLETE')];
}

/** A dataset; of a backbone also the promoted models that it is made of, by the names of their own outputs. */
function inputsOf({ name, digest, locked }: DataFact) {
  const own = { namespace: 'mainstem', name, facets: { version: versionOf(digest) } };
  return [own, ...(locked?.origin ?? []).map(({ model, onnx }) => outputOf(model, onnx))];
}

function outputOf(model: string, digest: string) {
  return { namespace: 'mainstem', name: `models/${model}`, facets: { version: versionOf(digest) } };
}

function versionOf(digest: string) {
  return {
    ...facet('1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet'),
    datasetVersion: digest,
  };
}

function facet(schema: string) {
  return { _producer: producer, _schemaURL: `${spec}/facets/${schema}` };
}
