import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSeeds } from '../../../pipeline/check-seeds.ts';
import { measureSeed, spreadSeeds } from '../../../pipeline/evaluation/index.ts';
import { seedsAfter } from '../../../pipeline/seeds-after.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import type { ModelRecord, Prediction } from '../../../platform/schemas/index.ts';
import { buildRecord, pumpkins } from '../../helpers/model-repository.ts';

const base = buildRecord(
  pumpkins,
  { digest: digestJson('onnx'), bytes: 1, mediaType: 'text/plain' },
  'a'.repeat(12),
);
const { classes } = base;

/** Answers to a dozen photos by three classes, named by their places. */
const answers = fc
  .array(fc.nat(2), { minLength: 24, maxLength: 24 })
  .map((named) => named.map(toPrediction));

function toPrediction(named: number, at: number): Prediction {
  const [label = '', predicted = ''] = [classes[at % 3], classes[named]];
  return {
    ...{ id: `${at}.png`, digest: digestJson(at), dataset: 'pumpkins', label, predicted },
    ...{ split: at < 12 ? 'validation' : 'test', score: -1, accepted: true },
    probabilities: classes.map((name) => (name === predicted ? 0.8 : 0.1)),
  };
}

function recordOf(models: readonly Prediction[][], own: number): ModelRecord {
  const measured = seedsAfter(own, models.length).map((seed, at) => {
    const predictions = models[at] ?? [];
    return measureSeed({ seed, weights: `weights ${seed}`, predictions }, base);
  });
  return { ...base, parameters: { seed: own }, seeds: spreadSeeds(measured) };
}

const models = fc.array(answers, { minLength: 2, maxLength: 5 });
const seed = fc.integer({ min: 1, max: 2 ** 31 - 1 });

test('what was measured of seeds is believed, whichever models they made', () => {
  fc.assert(
    fc.property(models, seed, (made, own) => {
      expect(checkSeeds(recordOf(made, own), made[0] ?? [])).toEqual([]);
    }),
  );
});

test('a mean further from the own model than its deviation can be is not', () => {
  const change = fc.record({
    at: fc.nat(20),
    by: fc.constantFrom(-1, 1),
    more: fc.double({ min: 0.01, max: 9, noNaN: true }),
  });
  fc.assert(
    fc.property(models, seed, change, (made, own, { at, by, more }) => {
      const record = recordOf(made, own);
      const { seeds } = record;
      if (!seeds) throw new Error('there are no seeds');
      const altered = seeds.test.map((one, place) => {
        if (place !== at % seeds.test.length) return one;
        // The own value may be at one end of what is possible; twice the reach is beyond the other.
        return { ...one, mean: one.mean + by * (2 * one.deviation * seeds.seeds.length + more) };
      });
      const stated = { ...record, seeds: { ...seeds, test: altered } };
      expect(checkSeeds(stated, made[0] ?? [])).toMatchObject([{ passed: false }]);
    }),
  );
});

test.for([
  ['others', { seeds: [7, 9], models: 2 }],
  ['that are not the own one', { seeds: [8, 9], models: 2 }],
  ['in another order', { seeds: [8, 7], models: 2 }],
  ['of no model', { seeds: [7, 8], models: 0 }],
  ['of more models than seeds', { seeds: [7, 8], models: 3 }],
] as const)('seeds %s fail a gate', ([, { seeds, models: count }]) => {
  const spread = { seeds: [...seeds], models: count, validation: [], test: [] };
  const record = { ...base, parameters: { seed: 7 }, seeds: spread };
  expect(checkSeeds(record, [])).toMatchObject([{ passed: false }]);
});

test('a model of one seed says nothing of others', () => {
  expect(checkSeeds(base, [])).toEqual([]);
});
