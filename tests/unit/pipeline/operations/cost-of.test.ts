import { expect, test } from 'vitest';
import { costOf } from '../../../../pipeline/operations/cost-of.ts';
import { digestJson } from '../../../../platform/lib/hash.ts';
import type { StageRecord } from '../../../../platform/schemas/index.ts';

const recordOf = (stage: string, changed: Partial<StageRecord>): StageRecord => ({
  version: 1,
  project: 'pumpkins',
  key: digestJson(stage),
  ingredients: { stage, inputs: {}, parameters: {}, code: {}, packages: {}, backend: '' },
  status: 'done',
  outputs: {},
  error: null,
  startedAt: '2026-11-01T08:00:00.000Z',
  seconds: 2,
  ...changed,
});

const stages = { train: digestJson('train'), evaluate: digestJson('evaluate') };

test('a run costs what the records of its stages say, those of an earlier version without processor time', async () => {
  const records = new Map([
    [
      stages.train,
      recordOf('train', { seconds: 90, spent: { processorSeconds: 170, joules: 900 } }),
    ],
    [stages.evaluate, recordOf('evaluate', {})],
  ]);
  const cost = await costOf({ readRecord: async (key) => records.get(key) ?? null }, { stages });
  expect(cost).toEqual({
    version: 1,
    stages: [
      { stage: 'train', seconds: 90, processorSeconds: 170, joules: 900 },
      { stage: 'evaluate', seconds: 2, processorSeconds: null, joules: null },
    ],
  });
});

test('what was made elsewhere has no cost that is known here', async () => {
  expect(await costOf({ readRecord: async () => null }, { stages })).toBeNull();
});
