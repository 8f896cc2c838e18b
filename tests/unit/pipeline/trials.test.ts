import { expect, test } from 'vitest';
import { countTrials, type TrialSources } from '../../../pipeline/trials.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import type { ModelRecord, StageRecord } from '../../../platform/schemas/index.ts';
import { recordOf } from '../../fixtures/reports.ts';

const harvest = digestJson('this harvest');

/** A model of its own weights on this harvest. */
function modelOf(name: string, data = harvest): ModelRecord {
  const record = recordOf('222222222222', 0.9, 0.001);
  const weights = { ...record.training.weights, digest: digestJson(name) };
  return { ...record, data: { pumpkins: data }, training: { ...record.training, weights } };
}

/** What preparing, evaluating and packaging a model leaves in the store. */
function stagesOf(model: ModelRecord, prepared: object = {}): StageRecord[] {
  const { evaluation, training } = model;
  const index = { ...model.prepared.index, digest: digestJson([model.data, prepared]) };
  const rows = { ...model.prepared, index };
  const stage = (name: string, inputs: object, outputs: unknown): StageRecord => ({
    ...{ version: 1, project: 'pumpkins', key: digestJson(inputs), status: 'done', error: null },
    ...{ outputs, startedAt: '2026-11-01T00:00:00.000Z', seconds: 1 },
    ingredients: { stage: name, inputs, parameters: {}, code: {}, packages: {}, backend: '' },
  });
  return [
    stage('prepare', { dataset: { digest: model.data.pumpkins }, ...prepared }, rows),
    stage('evaluate', { prepared: rows, trained: { ...training, backend: 'native' } }, evaluation),
    stage('package', { prepared: rows, trained: training, evaluation }, model.package),
  ];
}

function count(sources: Partial<TrialSources>): number {
  const none = { champion: null, records: [], stages: [], dataset: 'pumpkins' };
  return countTrials({ candidate: modelOf('candidate'), ...none, ...sources }).candidates;
}

test('a candidate alone is one', () => {
  expect(count({})).toBe(1);
  expect(count({ stages: stagesOf(modelOf('candidate')) })).toBe(1);
});

test('each model counts once, whether git or the store knows it', () => {
  const [a, b] = [modelOf('a'), modelOf('b')];
  expect(count({ records: [a, b], stages: [...stagesOf(a), ...stagesOf(modelOf('c'))] })).toBe(4);
});

test('neither the champion nor models of other data count', () => {
  const [champion, older] = [modelOf('champion'), modelOf('older', digestJson('last year'))];
  const stages = [...stagesOf(champion), ...stagesOf(older)];
  expect(count({ champion, records: [champion, older], stages })).toBe(1);
});

test('an earlier model that was only evaluated again to compare with it does not count', () => {
  expect(count({ stages: stagesOf(modelOf('earlier'), { fitted: { index: 'rows' } }) })).toBe(1);
});

test('a further seed of a candidate does not count: it was never packaged, so nobody could choose it', () => {
  const stages = stagesOf(modelOf('another seed')).filter(
    ({ ingredients }) => ingredients.stage !== 'package',
  );
  expect(count({ stages })).toBe(1);
});

test('it is said where the count comes from', () => {
  const sources = { candidate: modelOf('x'), champion: null, dataset: 'pumpkins', records: [] };
  expect(countTrials({ ...sources, stages: [] }).known).toContain('the store of this machine');
  expect(countTrials({ ...sources, stages: null }).known).toContain('models/ of both branches');
});
