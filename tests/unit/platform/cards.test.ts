import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Compile } from 'typebox/schema';
import { describe, expect } from 'vitest';
import { parse } from 'yaml';
import {
  buildBillOfMaterials,
  buildLineage,
  cardFacts,
  renderModelCard,
  writeCards,
} from '../../../platform/cards/index.ts';
import type { DataLock, ModelRecord } from '../../../platform/schemas/index.ts';
import { runEventSchema } from '../../fixtures/open-lineage.ts';
import { recordOf } from '../../fixtures/reports.ts';
import { test } from '../../helpers/folder.ts';

const hostile = '"\n---\n- <script>alert(1)</script> *bold* `code` : # {x: [y]} @jen #1 \u2028';
const record = recordOf('222222222222', 0.93, 0.001);
const named: ModelRecord = {
  ...record,
  classes: [hostile, 'ok', 'bad'],
  page: { ...record.page, title: hostile, intro: hostile },
  parameters: { note: '```\n# heading' },
};
const lock: DataLock = {
  version: 1,
  datasets: Object.fromEntries(
    Object.entries(record.data).map(([name, digest]) => [
      name,
      {
        ...{ path: 'data/pumpkins', kind: 'images', digest, files: 900, bytes: 1 },
        splits: { train: { good: 210, ok: 210 }, validation: { good: 70 }, test: { good: 100 } },
        ...{ source: 'Jen’s fields', licence: 'CC0-1.0' },
      },
    ]),
  ),
};
const facts = cardFacts(record, lock);

const digestOf = (digit: string) => `sha256:${digit.repeat(64)}` as const;
/** The same model on a backbone that is a promoted one, which stands on another. */
const [first, base] = [
  { model: 'fruit', run: '3f2a9c41d07b', onnx: digestOf('1'), data: { fruit: digestOf('2') } },
  { model: 'leaves', run: 'aaaaaaaaaaaa', onnx: digestOf('3'), data: { leaves: digestOf('4') } },
];
const onBackbone: ModelRecord = { ...record, data: { ...record.data, 'fruit-net': digestOf('5') } };
const factsOnBackbone = cardFacts(onBackbone, {
  version: 1,
  datasets: {
    ...lock.datasets,
    'fruit-net': {
      ...{ path: 'data/backbones/fruit-net.onnx', kind: 'backbone', digest: digestOf('5') },
      ...{ files: 1, bytes: 9, splits: {}, source: 'promoted model fruit', licence: 'MIT' },
      origin: [first, base],
    },
  },
});

/** The checker of CycloneDX's own schema, with those that it refers to. */
function compileBomSchema() {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@cyclonedx/cyclonedx-library');
  const folder = `${entry.slice(0, entry.lastIndexOf('/cyclonedx-library/'))}/cyclonedx-library/res/schema`;
  const read = (name: string) =>
    JSON.parse(readFileSync(`${folder}/${name}.SNAPSHOT.schema.json`, 'utf8'));
  const others = ['spdx', 'jsf-0.82', 'cryptography-defs'].map(read);
  const context = Object.fromEntries(others.map((schema) => [String(schema.$id), schema]));
  return Compile(context, read('bom-1.7'));
}

describe('the model card', () => {
  test('begins with YAML that says the results as the Hugging Face Hub reads them', () => {
    const card = renderModelCard(facts);
    const [, head = ''] = card.split('---\n');
    expect(parse(head)).toMatchObject({
      library_name: 'onnx',
      pipeline_tag: 'image-classification',
      'model-index': [
        {
          name: 'pumpkins 222222222222',
          results: [
            {
              task: { type: 'image-classification' },
              dataset: { split: 'test' },
              metrics: expect.arrayContaining([
                { type: 'accuracy', name: 'accuracy', value: 0.93 },
                { type: 'log_loss', name: 'log loss', value: 1.05 - 0.93 },
              ]),
            },
          ],
        },
      ],
    });
  });

  test('says in words what it is for, how good it is, and what it was made from', () => {
    const card = renderModelCard(facts);
    for (const words of [
      '93.0 %',
      'light evening',
      'Jen’s fields',
      'CC0-1.0',
      '420 examples train',
    ])
      expect(card).toContain(words);
    expect(renderModelCard(structuredClone(facts))).toBe(card);
  });

  test('says which part of a backbone was trained, too', () => {
    const tuned = { start: 'block15', shape: [7, 7, 192], layers: 4, headEpochs: 20 };
    const training = { ...facts.record.training, tuned };
    const card = renderModelCard({ ...facts, record: { ...facts.record, training } });
    expect(card).toContain('4 layers of the backbone, from `block15` on, were trained');
    expect(renderModelCard(facts)).not.toContain('of the backbone');
  });

  test('a backbone is no data set: what it is and what that was made from stands there', () => {
    const card = renderModelCard(factsOnBackbone);
    expect(card).toContain(`\`fruit-net\` (\`${digestOf('5')}\`), the backbone:`);
    expect(card).toContain('It is the promoted model `fruit`, run `3f2a9c41d07b`');
    expect(card).toContain(`made from \`leaves\` (\`${digestOf('4')}\`)`);
    expect(card).toContain('That stands on the promoted model `leaves`');
    expect(card).not.toContain(' 0 examples train');
  });

  test('what others name stays text', () => {
    const card = renderModelCard(cardFacts(named, lock));
    const [, head = '', ...rest] = card.split('---\n');
    expect(parse(head)['model-index'][0].results[0].task.name).toBe(hostile);
    const prose = rest.join('---\n').replace(/(?<!`)`[^`\n]+`(?!`)/g, '');
    expect(prose).not.toContain('<script>');
    expect(prose).not.toMatch(/@jen|(?<!\\)\*bold/);
    expect(prose.match(/^```/gm)).toHaveLength(2);
  });

  test('a version that the lock does not name any more is said to be one', () => {
    const card = renderModelCard(cardFacts(record, { version: 1, datasets: {} }));
    expect(card).toContain('the lock names another version now');
  });
});

describe('the bill of materials', () => {
  const checker = compileBomSchema();

  test.each([
    ['a model', record],
    ['hostile names', named],
    ['no slices', { ...record, evaluation: { ...record.evaluation, slices: [] } }],
  ])('fits the schema of CycloneDX 1.7: %s', (_, model) => {
    const bill = JSON.parse(JSON.stringify(buildBillOfMaterials(cardFacts(model, lock))));
    const [valid, errors] = checker.Errors(bill);
    expect(errors).toEqual([]);
    expect(valid).toBe(true);
    expect(checker.Check({ ...bill, specVersion: '9.9', bomFormat: 'x' })).toBe(false);
  });

  test('names metrics and slices with their intervals, the data, and the file that serves', () => {
    const bill = buildBillOfMaterials(facts);
    const { hashes, modelCard } = bill.metadata.component;
    expect(hashes[0]?.content).toMatch(/^[0-9a-f]{64}$/);
    expect(modelCard.quantitativeAnalysis.performanceMetrics).toContainEqual({
      ...{ type: 'accuracy', value: '0.89', slice: 'light evening' },
      confidenceInterval: { lowerBound: '0.84', upperBound: '0.94' },
    });
    expect(bill.dependencies[0]?.dependsOn).toEqual(bill.components.map((one) => one['bom-ref']));
    expect(buildBillOfMaterials(structuredClone(facts))).toEqual(bill);
  });

  test('names the backbone as a model, with the promoted models that it is made of', () => {
    const bill = buildBillOfMaterials(factsOnBackbone);
    const [valid, errors] = checker.Errors(JSON.parse(JSON.stringify(bill)));
    expect({ valid, errors }).toEqual({ valid: true, errors: [] });
    const backbone = `backbone:fruit-net@${digestOf('5')}`;
    const models = bill.components.filter(({ type }) => type === 'machine-learning-model');
    expect(models.map((one) => one['bom-ref'])).toEqual([
      ...[backbone, 'model:fruit@3f2a9c41d07b', 'model:leaves@aaaaaaaaaaaa'],
    ]);
    expect(bill.dependencies.slice(-3)).toEqual([
      { ref: backbone, dependsOn: ['model:fruit@3f2a9c41d07b'] },
      { ref: 'model:fruit@3f2a9c41d07b', dependsOn: ['model:leaves@aaaaaaaaaaaa'] },
      { ref: 'model:leaves@aaaaaaaaaaaa', dependsOn: [] },
    ]);
    expect(JSON.stringify(models)).toContain(digestOf('4'));
    const { modelCard } = bill.metadata.component;
    expect(modelCard.modelParameters.datasets).toHaveLength(Object.keys(record.data).length);
  });
});

test('the lineage is a START and a COMPLETE of one run, with the versions of data and model', () => {
  const [start, complete] = buildLineage(facts);
  expect(start).toMatchObject({ eventType: 'START', outputs: [] });
  expect(complete).toMatchObject({
    ...{ eventType: 'COMPLETE', run: { runId: start?.run.runId } },
    job: { namespace: 'mainstem', name: 'train pumpkins' },
    inputs: [{ facets: { version: { datasetVersion: Object.values(record.data)[0] } } }],
    outputs: [{ facets: { version: { datasetVersion: record.package.onnx.digest } } }],
  });
  expect(start?.run.runId).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

describe('the events of lineage', () => {
  const checker = Compile(runEventSchema);

  test.each([
    ['a model', facts],
    ['hostile names', cardFacts(named, lock)],
    ['data that the lock has no more', cardFacts(record, { version: 1, datasets: {} })],
    ['a promoted model as backbone', factsOnBackbone],
  ])('are what OpenLineage asks for: %s', (_, given) => {
    for (const event of buildLineage(given)) {
      const [valid, errors] = checker.Errors(JSON.parse(JSON.stringify(event)));
      expect(errors).toEqual([]);
      expect(valid).toBe(true);
    }
  });

  test.each([
    ['a time without a day', { eventTime: '12:00' }],
    ['a run that is no UUID', { run: { runId: record.run } }],
    ['another transition', { eventType: 'DONE' }],
    ['a job without a name', { job: { namespace: 'mainstem' } }],
    ['a producer that is no address', { producer: 'Mainstem' }],
  ])('are not with %s', (_, wrong) => {
    const [event] = buildLineage(facts);
    expect(checker.Check({ ...event })).toBe(true);
    expect(checker.Check({ ...event, ...wrong })).toBe(false);
  });
});

test('all cards of a model lie beside each other, each as the command prints it', async ({
  folder,
}) => {
  await writeCards(join(folder, 'run'), record, lock);
  const names = await readdir(join(folder, 'run'));
  expect(names.sort()).toEqual(['bom.cdx.json', 'card.md', 'lineage.jsonl']);
  const read = (name: string) => readFile(join(folder, 'run', name), 'utf8');
  expect(await read('card.md')).toBe(`${renderModelCard(facts).trimEnd()}\n`);
  expect(JSON.parse(await read('bom.cdx.json'))).toEqual(buildBillOfMaterials(facts));
  const events = (await read('lineage.jsonl')).trimEnd().split('\n');
  expect(events.map((event) => JSON.parse(event))).toEqual(buildLineage(facts));
});

describe('a card and a bill of materials', () => {
  const within = cardFacts(record, lock, {
    intervals: [
      { name: 'accuracy', value: 0.93, low: 0.9, high: 0.95 },
      { name: 'logLoss', value: 0.12, low: null, high: null },
    ],
  });

  test('say the intervals of metrics where answers are at hand, and none where they are not', () => {
    const card = renderModelCard(within);
    expect(card).toContain('| accuracy | higher | 93.0 % | 90.0 … 95.0 % |');
    expect(card).toMatch(/\| log loss \| lower \| .* \| – \|/);
    expect(renderModelCard(facts)).toContain('| accuracy | higher | 93.0 % | – |');
    const [metrics, plain] = [within, facts].map(
      (one) =>
        buildBillOfMaterials(one).metadata.component.modelCard.quantitativeAnalysis
          .performanceMetrics,
    );
    expect(metrics?.[0]).toMatchObject({
      confidenceInterval: { lowerBound: '0.9', upperBound: '0.95' },
    });
    expect([metrics?.[1], plain?.[0]]).not.toContainEqual(
      expect.objectContaining({ confidenceInterval: expect.anything() }),
    );
  });

  test('the share of inputs that are accepted has its interval', () => {
    expect(renderModelCard(facts)).toContain(
      '95.0 % are accepted (95 % interval 91.9 % … 96.9 %).',
    );
  });

  test('a bill with intervals is what CycloneDX 1.7 asks for', () => {
    const bill = JSON.parse(JSON.stringify(buildBillOfMaterials(within)));
    expect(compileBomSchema().Check(bill)).toBe(true);
  });
});
