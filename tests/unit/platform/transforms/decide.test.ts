import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OutOfDistribution, ProfileBins } from '../../../../platform/schemas/index.ts';
import { binOf, decide, distanceScore, softmax } from '../../../../platform/transforms/index.ts';

const logits = fc.array(fc.float({ noNaN: true, min: -500, max: 500 }), {
  minLength: 2,
  maxLength: 8,
});
const temperatures = fc.double({ min: 0.05, max: 20, noNaN: true });
const outOfDistribution: OutOfDistribution = {
  method: 'distance',
  threshold: -2,
  acceptance: 0.95,
  auroc: null,
  fpr95: null,
  refused: null,
  distance: {
    means: [
      [0, 0],
      [10, 0],
    ],
    whitening: [[1], [0, 0.5]],
  },
};

describe('a decision', () => {
  test('gives probabilities that sum to 1, whatever the logits', () => {
    fc.assert(
      fc.property(logits, temperatures, (output, temperature) => {
        const sum = softmax(output, temperature).reduce((total, share) => total + share, 0);
        expect(sum).toBeCloseTo(1, 9);
      }),
    );
  });

  test('is the class of the largest logit at every temperature', () => {
    fc.assert(
      fc.property(logits, temperatures, (output, temperature) => {
        const classes = output.map((_, index) => `class ${index}`);
        const rules = { classes, temperature, outOfDistribution: null };
        const { predicted } = decide({ output, embedding: [] }, rules);
        expect(predicted).toBe(`class ${output.indexOf(Math.max(...output))}`);
      }),
    );
  });

  test('is softer at a higher temperature', () => {
    expect(softmax([2, 0], 4)[0]).toBeLessThan(softmax([2, 0], 1)[0] ?? 0);
  });

  test('refuses what is further from every class than the threshold', () => {
    const rules = { classes: ['a', 'b'], temperature: 1, outOfDistribution };
    expect(decide({ output: [1, 0], embedding: [11, 2] }, rules).accepted).toBe(true);
    expect(decide({ output: [1, 0], embedding: [5, 0] }, rules)).toMatchObject({
      accepted: false,
      predicted: 'a',
      score: -5,
    });
  });

  test('accepts everything where nothing was fitted', () => {
    const rules = { classes: ['a', 'b'], temperature: 1, outOfDistribution: null };
    expect(decide({ output: [-900, -901], embedding: [] }, rules).accepted).toBe(true);
  });

  test('passes the value of a regression through', () => {
    const rules = { classes: [], temperature: 1, outOfDistribution: null };
    expect(decide({ output: [42.5], embedding: [1] }, rules)).toEqual({
      predicted: '42.5',
      probabilities: [42.5],
      score: 0,
      accepted: true,
    });
  });

  test('scores a class mean 0, and scales by the covariance', () => {
    const { distance } = outOfDistribution;
    if (!distance) throw new Error('the fixture lost its distance');
    expect(distanceScore([10, 0], distance)).toBeCloseTo(0, 12);
    expect(distanceScore([0, 4], distance)).toBeCloseTo(-2, 12);
  });
});

describe('a bin', () => {
  const numbers: ProfileBins = { name: 'x', kind: 'number', edges: [1, 2], ratios: [] };
  const colours: ProfileBins = {
    name: 'colour',
    kind: 'category',
    edges: ['red', 'other'],
    ratios: [],
  };

  test.each([
    [0.5, 0],
    [1, 0],
    [1.5, 1],
    [2.1, 2],
    ['1.5', 1],
    [null, null],
    ['', null],
    ['NA', null],
  ])('of the number %j is %j: upper edges belong to it', (value, bin) => {
    expect(binOf(numbers, value)).toBe(bin);
  });

  test.each([
    ['red', 0],
    ['blue', 1],
    [null, 1],
  ])('of the category %j is %j', (value, bin) => {
    expect(binOf(colours, value)).toBe(bin);
  });
});
