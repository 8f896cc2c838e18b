import { describe, expect, test } from 'vitest';
import { countedSlices, mostSlices, possibleSlices, slicesOf } from '../../../monitoring/index.ts';
import type { ModelRecord } from '../../../platform/schemas/index.ts';
import { buildRecord, pumpkins } from '../../helpers/model-repository.ts';

type SliceResult = ModelRecord['evaluation']['slices'][number];

const resultOf = (slice: string, value: string, count: number): SliceResult => {
  const accuracy = { value: 0.9, low: 0.8, high: 1, count };
  return { slice, value, count, accuracy, error: null };
};

function recordOf(...slices: readonly SliceResult[]): ModelRecord {
  const onnx = { digest: `sha256:${'0'.repeat(64)}` as const, bytes: 1, mediaType: 'x' };
  return buildRecord({ ...pumpkins, slices }, onnx);
}

describe('the slices of what people judge', () => {
  test('are those of the columns that the project declares, whatever else is said', () => {
    const record = recordOf(resultOf('island', 'Dream', 20), resultOf('year', '2', 30));
    const row = { island: 'Dream', year: 2, mass: 3750 };
    const both = [
      { slice: 'year', value: '2' },
      { slice: 'island', value: 'Dream' },
    ];
    expect(slicesOf(record, {}, row)).toEqual(expect.arrayContaining(both));
    expect(slicesOf(record, {}, row)).toHaveLength(2);
    expect(slicesOf(record, { island: 'Biscoe' }, row)).toContainEqual({
      ...{ slice: 'island', value: 'other' },
    });
    expect(slicesOf(record, {}, { year: null })).toEqual([]);
  });

  test('are bounded: the smallest values are one slice, with those that the test split lacks', () => {
    const values = Array.from({ length: 100 }, (_, at) => resultOf('camera', `c${at}`, at + 1));
    const record = recordOf(...values);
    expect(countedSlices(record)).toHaveLength(mostSlices);
    expect(possibleSlices(record)).toHaveLength(mostSlices + 1);
    expect(slicesOf(record, { camera: 'c99' })).toEqual([{ slice: 'camera', value: 'c99' }]);
    for (const camera of ['c0', 'new', '__proto__'])
      expect(slicesOf(record, { camera })).toEqual([{ slice: 'camera', value: 'other' }]);
  });

  test('are none for a model without any', () => {
    expect(possibleSlices(recordOf())).toEqual([]);
    expect(slicesOf(recordOf(), { light: 'sun' }, { light: 'sun' })).toEqual([]);
  });
});
