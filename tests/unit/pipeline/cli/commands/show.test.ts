import { expect, test } from 'vitest';
import { renderRecord } from '../../../../../pipeline/cli/commands/show.ts';
import { digestBytes } from '../../../../../platform/lib/hash.ts';
import { buildRecord, pumpkins } from '../../../../helpers/model-repository.ts';

test('a record is shown with its digest, all values in one column', () => {
  const onnx = { digest: digestBytes('model'), bytes: 5, mediaType: 'application/onnx' };
  const record = buildRecord(pumpkins, onnx);
  const metrics = [
    { name: 'accuracy', value: 0.9, better: 'higher' as const },
    { name: 'outOfDistributionAuroc', value: 0.99, better: 'higher' as const },
  ];
  const shown = { ...record, evaluation: { ...record.evaluation, metrics } };
  const lines = renderRecord(shown, digestBytes('record')).split('\n');
  expect(lines[1]).toBe(`record                  ${digestBytes('record')}`);
  expect(lines.filter((line) => /^\S+ {2,}\S/.test(line))).toHaveLength(lines.length);
  expect(new Set(lines.map((line) => /^\S+ +/.exec(line)?.[0].length))).toEqual(new Set([24]));
});
