import { type Digest, digestJson, hexOf } from '../lib/hash.ts';
import { renderNumber } from '../lib/render-number.ts';
import { accuracy } from '../quality/index.ts';
import type { BackboneModel } from '../schemas/index.ts';
import { type CardFacts, type DataFact, familyOf, intervalOf, isBackbone } from './facts.ts';

interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}

/**
 * A model's bill of materials as CycloneDX 1.7 JSON: the file that serves with its model card (metrics and slices with
 * intervals), the data that it was made from, and what it stands on: a backbone, and the promoted models that this one is.
 * Equal models have equal bills.
 *
 * @see https://cyclonedx.org/docs/1.7/json/
 */
export function buildBillOfMaterials(facts: CardFacts) {
  const { record, data } = facts;
  const model = `model:${record.model}@${record.run}`;
  const made = data.flatMap(({ locked }) => locked?.origin ?? []);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.7.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.7',
    serialNumber: `urn:uuid:${uuidOf(record.key)}`,
    version: 1,
    metadata: {
      timestamp: record.createdAt,
      component: {
        type: 'machine-learning-model',
        'bom-ref': model,
        name: record.model,
        version: record.run,
        description: record.page.intro,
        hashes: [sha256(record.package.onnx.digest)],
        modelCard: modelCard(facts),
      },
    },
    components: [...data.map(componentOf), ...made.map(promotedComponent)],
    dependencies: [
      { ref: model, dependsOn: data.map(refOf) },
      ...data.map(
        (one): Dependency => ({ ref: refOf(one), dependsOn: originsOf(one).slice(0, 1) }),
      ),
      ...data.flatMap(chainOf),
    ],
  };
}

function modelCard(facts: CardFacts) {
  const { record, data } = facts;
  const { evaluation, task, training, page } = record;
  const examples = data.filter((one) => !isBackbone(one));
  const slices = evaluation.slices.flatMap(({ slice, value, accuracy: share }) =>
    share
      ? [
          {
            type: accuracy.name,
            value: renderNumber(share.value),
            slice: `${slice} ${value}`,
            confidenceInterval: boundsOf(share),
          },
        ]
      : [],
  );
  const metrics = evaluation.metrics.map(({ name, value }) => {
    const interval = intervalOf(facts, name);
    const bounds = interval && { confidenceInterval: boundsOf(interval) };
    return { type: name, value: String(value), ...bounds };
  });
  return {
    modelParameters: {
      approach: { type: 'supervised' },
      task,
      architectureFamily: familyOf(record),
      datasets: examples.map((one) => ({ ref: refOf(one) })),
      inputs: [{ format: record.preprocessing.kind === 'image' ? 'image' : 'table row' }],
      outputs: [{ format: task === 'tabular-regression' ? 'number' : 'class with probabilities' }],
    },
    quantitativeAnalysis: { performanceMetrics: [...metrics, ...slices] },
    considerations: {
      useCases: [page.intro],
      technicalLimitations: [
        `Trained on ${training.trainedRows} examples of ${examples.map(({ name }) => name).join(', ')}; inputs unlike them are ` +
          `${evaluation.outOfDistribution ? 'refused as far as they are recognised' : 'answered all the same'}.`,
      ],
    },
  };
}

function boundsOf({ low, high }: { readonly low: number; readonly high: number }) {
  return { lowerBound: renderNumber(low), upperBound: renderNumber(high) };
}

/** A dataset, or a backbone. */
function componentOf(one: DataFact) {
  const { name, digest, locked } = one;
  const backbone = isBackbone(one);
  return {
    type: backbone ? 'machine-learning-model' : 'data',
    'bom-ref': refOf(one),
    name,
    version: digest,
    ...(locked && {
      description: locked.source,
      licenses: [{ license: { name: locked.licence } }],
    }),
    ...(!backbone && { data: [{ type: 'dataset', name }] }),
  };
}

/** A promoted model that a backbone is, or stands on. */
function promotedComponent(made: BackboneModel) {
  const { model, run, onnx, data } = made;
  return {
    type: 'machine-learning-model',
    'bom-ref': promotedRef(made),
    name: model,
    version: run,
    hashes: [sha256(onnx)],
    properties: Object.entries(data).map(([name, digest]) => ({
      name: `mainstem:data:${name}`,
      value: digest,
    })),
  };
}

/** Which of the promoted models in a backbone stands on which. */
function chainOf(one: DataFact): Dependency[] {
  const refs = originsOf(one);
  return refs.map((ref, at) => ({ ref, dependsOn: refs.slice(at + 1, at + 2) }));
}

function originsOf({ locked }: DataFact): string[] {
  return (locked?.origin ?? []).map(promotedRef);
}

function promotedRef({ model, run }: BackboneModel): string {
  return `model:${model}@${run}`;
}

function refOf(one: DataFact): string {
  return `${isBackbone(one) ? 'backbone' : 'data'}:${one.name}@${one.digest}`;
}

function sha256(digest: Digest) {
  return { alg: 'SHA-256', content: hexOf(digest) };
}

/**
 * A UUID (version 8: made by a rule of one's own) from a digest, so that the same model always has the same.
 *
 * @example uuidOf(record.key).length // 36
 */
export function uuidOf(digest: Digest): string {
  const hex = hexOf(digestJson(['uuid', digest]));
  const variant = (8 + (Number.parseInt(hex.charAt(16), 16) % 4)).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
