import { expect, test } from 'vitest';
import { isSameModel } from '../../../pipeline/is-same-model.ts';
import { recordOf } from '../../fixtures/reports.ts';

const one = recordOf('222222222222', 0.95, 0.002);

test('a model is the same in another run, whatever was measured of it', () => {
  const again = { ...recordOf('111111111111', 0.9, 0.001), package: one.package };
  expect(isSameModel(one, again)).toBe(true);
});

test('another file, and the same file by another rule, is another model', () => {
  const { evaluation, package: packaged } = one;
  const { onnx } = recordOf('111111111111', 0.95, 0.002).package;
  const decision = { class: 'bad', threshold: 0.2 };
  for (const other of [
    { ...one, package: { ...packaged, onnx } },
    { ...one, classes: one.classes.toReversed() },
    { ...one, evaluation: { ...evaluation, temperature: 2 } },
    { ...one, evaluation: { ...evaluation, priorShift: [0, 0.1, 0] } },
    { ...one, evaluation: { ...evaluation, decision } },
  ]) {
    expect(isSameModel(one, other)).toBe(false);
  }
});
