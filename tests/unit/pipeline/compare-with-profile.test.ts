import { expect, test } from 'vitest';
import {
  compareWithProfile,
  type MeasuredProperty,
  worstState,
} from '../../../pipeline/compare-with-profile.ts';
import { stabilityBound, stabilityIndex, totalVariation } from '../../../platform/quality/index.ts';
import type { ReferenceProfile } from '../../../platform/schemas/index.ts';

const profile: ReferenceProfile = {
  version: 1,
  samples: 1000,
  classRatios: { good: 0.6, bad: 0.4 },
  expectedAccuracy: 0.9,
  accuracy: 0.9,
  refusedRatio: 0,
  bins: [
    { name: 'mass', kind: 'number', edges: [1, 2], ratios: [0.3, 0.4, 0.3] },
    { name: 'colour', kind: 'category', edges: ['green', 'other'], ratios: [0.5, 0.5] },
  ],
};
const limits = { drift: 0.1, falseAlarms: 0.01, fewestInputs: 100, missing: 0.4, missingIn: {} };
const repeat = (...parts: readonly [value: number | string | null, times: number][]) =>
  parts.flatMap(([value, times]) => Array.from({ length: times }, () => value));
const compare = (...properties: MeasuredProperty[]) =>
  compareWithProfile(profile, properties, limits);
const usual = repeat([0.5, 30], [1.5, 40], [9, 30]);

test('the index is of the profile’s bins, and the noise of as many verdicts as the model has', () => {
  const [mass] = compare({ name: 'mass', values: repeat([1, 60], [2, 30], [2.1, 30]) });
  const both = { reference: [300, 400, 300], live: [60, 30, 30] };
  expect(mass).toEqual({
    ...{ property: 'mass', inputs: 120, missing: 0, state: 'drift' },
    index: stabilityIndex(both),
    noise: stabilityBound(both, 0.01 / 3),
    // Half the sum of |0.5 − 0.3|, |0.25 − 0.4| and |0.25 − 0.3|, after smoothing.
    distance: totalVariation(both),
  });
  expect(mass?.distance).toBeCloseTo(0.2, 2);
});

test('what looks like the reference is ok, and what is missing is not an input', () => {
  const values = [...usual, ...repeat([null, 50])];
  expect(compare({ name: 'mass', values })).toMatchObject([
    { inputs: 100, missing: 50, state: 'ok' },
  ]);
});

test('what is missing more often than the objective allows is drift, few others or none notwithstanding', () => {
  const stateOf = (missing: number, others: MeasuredProperty['values'], missingIn = {}) =>
    compareWithProfile(
      profile,
      [{ name: 'mass', values: [...others, ...repeat([null, missing])] }],
      { ...limits, missingIn },
    )[0]?.state;
  expect(stateOf(344, [])).toBe('drift');
  expect(stateOf(80, usual)).toBe('ok');
  expect(stateOf(120, usual)).toBe('drift');
  expect(stateOf(120, usual, { mass: 0.6 })).toBe('ok');
  expect(stateOf(99, [])).toBe('insufficient');
});

test('a category that the reference never had is one of the others', () => {
  const [colour] = compare({ name: 'colour', values: repeat(['blue', 90], ['green', 30]) });
  expect(colour).toMatchObject({ inputs: 120, missing: 0, state: 'drift' });
});

test('there is no verdict on fewer inputs than the objective, however far they are', () => {
  expect(compare({ name: 'mass', values: repeat([9, 99]) })).toMatchObject([
    { state: 'insufficient' },
  ]);
  expect(compare({ name: 'mass', values: repeat([9, 100]) })).toMatchObject([{ state: 'drift' }]);
});

test('a property that the profile does not have, or that was not measured, has no verdict', () => {
  expect(compare({ name: 'width', values: usual })).toEqual([]);
});

test('one property that drifts is a drift, one without a verdict leaves the whole open', () => {
  const of = (...states: ('ok' | 'drift' | 'insufficient')[]) =>
    worstState(states.map((state) => ({ state })));
  expect(of('ok', 'insufficient', 'drift')).toBe('drift');
  expect(of('ok', 'insufficient')).toBe('insufficient');
  expect(of('ok', 'ok')).toBe('ok');
  expect(of()).toBe('insufficient');
});
