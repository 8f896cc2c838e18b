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
    inputs: data.map(inputOf),
    outputs: eventType === 'START' ? [] : [outputOf(record.model, record.package.onnx.digest)],
  });
  return [event('START'), event('COMPLETE')];
}

function inputOf({ name, digest }: DataFact) {
  return { namespace: 'mainstem', name, facets: { version: versionOf(digest) } };
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
