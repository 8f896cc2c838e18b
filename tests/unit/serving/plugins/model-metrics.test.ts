import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { metrics, mostPairedClasses } from '../../../../monitoring/index.ts';
import type { ServedModel } from '../../../../serving/inference/models.ts';
import { createInstruments } from '../../../../serving/plugins/instruments.ts';
import { countFeedback, initialiseCounters } from '../../../../serving/plugins/model-metrics.ts';
import { buildRecord, pumpkins } from '../../../helpers/model-repository.ts';

function modelOf(classes: number): ServedModel {
  const names = Array.from({ length: classes }, (_, at) => `class ${at}`);
  const onnx = { digest: `sha256:${'0'.repeat(64)}` as const, bytes: 1, mediaType: 'x' };
  const record = buildRecord({ ...pumpkins, classes: names }, onnx);
  const { model: name, run } = record;
  const pointer = {
    ...{ version: 1 as const, model: name, run, record: onnx.digest, onnx: onnx.digest },
    ...{ gates: [], champion: null },
  };
  return { name, version: run, pointer, record, read: async () => new Uint8Array() };
}

/** The series of a server that has one model with so many classes, one of whose answers somebody corrected. */
async function seriesWith(classes: number) {
  const registry = new Registry();
  const instruments = createInstruments(registry);
  const model = modelOf(classes);
  initialiseCounters(instruments, model);
  countFeedback(instruments, model, { predicted: 'class 0', label: 'class 1' });
  const lines = (await registry.metrics()).split('\n').filter((line) => /^[^#]/.test(line));
  return { all: lines, feedback: lines.filter((line) => line.startsWith(metrics.feedback.name)) };
}

test('a model with few classes has its corrections counted by pairs of them', async () => {
  const { feedback } = await seriesWith(mostPairedClasses);
  expect(feedback).toHaveLength(mostPairedClasses * (mostPairedClasses + 1));
  const counted = feedback.filter((line) => line.endsWith(' 1'));
  expect(counted).toHaveLength(1);
  expect(counted[0]).toContain('predicted="class 0",label="class 1",correct="false"');
});

test('a model with many classes has no series for each pair of them', async () => {
  const { feedback } = await seriesWith(mostPairedClasses + 1);
  expect(feedback.map((line) => line.split(' ').at(-1)).sort()).toEqual(['0', '1']);
  const [few, many] = [await seriesWith(200), await seriesWith(400)];
  expect(many.all.length).toBeLessThan(2 * few.all.length);
});
