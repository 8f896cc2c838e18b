import { expect, test } from 'vitest';
import { knownResults } from '../../../pipeline/record.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import { parseValue } from '../../../platform/lib/json.ts';
import { type Artefact, ModelRecord, stageNames, stages } from '../../../platform/schemas/index.ts';
import { recordedOutputs } from '../../../platform/schemas/stages.ts';
import { buildRecord, pumpkins } from '../../helpers/model-repository.ts';

const onnx: Artefact = { digest: digestJson('onnx'), bytes: 4, mediaType: 'application/onnx' };

/** A record of a project with an out-of-distribution set and a backbone, with a key for every stage of the table. */
function fullRecord(): ModelRecord {
  const record = buildRecord(pumpkins, onnx);
  return {
    ...record,
    preparedOutOfDistribution: { ...record.prepared, rows: 7 },
    embedded: { ...record.prepared, rows: 8 },
    embeddedOutOfDistribution: { ...record.prepared, rows: 9 },
    activated: { ...record.prepared, rows: 10 },
    activatedOutOfDistribution: { ...record.prepared, rows: 11 },
    stages: Object.fromEntries(stageNames.map((name) => [name, digestJson(name)])),
  };
}

const recorded = stageNames.filter((name) => stages[name].recordedAs !== null);

test.each(recorded)(
  'what a record holds of %s comes back as a known result with its key',
  (name) => {
    const record = parseValue(fullRecord(), ModelRecord, 'the record');
    const { recordedAs, outputs } = stages[name];
    const kept = recordedAs && record[recordedAs];
    expect(kept).toBeDefined();
    expect(parseValue(kept, outputs, name)).toBe(kept);
    expect(knownResults(record)).toContainEqual({ key: digestJson(name), outputs: kept });
  },
);

test('every property that stages fill belongs to one stage of the table', () => {
  const properties = recorded.map((name) => stages[name].recordedAs);
  expect(properties.toSorted()).toEqual(Object.keys(recordedOutputs).sort());
});

test('a stage without a key or without outputs in the record gives no known result', () => {
  const { preparedOutOfDistribution: _, ...record } = fullRecord();
  const { train: __, ...others } = record.stages;
  const keys = knownResults({ ...record, stages: others });
  const left = [
    ...['prepare', 'embed', 'embed-out-of-distribution'],
    ...['activate', 'activate-out-of-distribution', 'evaluate', 'package'],
  ];
  expect(keys.map(({ key }) => key)).toEqual(left.map(digestJson));
});
