import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OutOfDistribution, ProfileBins } from '../../../../platform/schemas/index.ts';
import {
  binOf,
  decide,
  distanceScore,
  shiftOf,
  softmax,
} from '../../../../platform/transforms/index.ts';

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

  test('names a class with a threshold of its own exactly where its probability reaches it', () => {
    const threshold = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    const two = fc.array(fc.float({ noNaN: true, min: -20, max: 20 }), {
      minLength: 2,
      maxLength: 2,
    });
    fc.assert(
      fc.property(two, temperatures, threshold, (output, temperature, limit) => {
        const decision = { class: 'yes', threshold: limit };
        const rules = { classes: ['no', 'yes'], temperature, decision, outOfDistribution: null };
        const { predicted, probabilities } = decide({ output, embedding: [] }, rules);
        expect(predicted).toBe((probabilities[1] ?? 0) >= limit ? 'yes' : 'no');
      }),
    );
  });

  test('is softer at a higher temperature', () => {
    expect(softmax([2, 0], 4)[0]).toBeLessThan(softmax([2, 0], 1)[0] ?? 0);
  });

  test('says what is likely, whatever weights the classes had in training', () => {
    const entry = fc.record({
      likely: fc.double({ min: 0.01, max: 1, noNaN: true }),
      weight: fc.double({ min: 0.01, max: 50, noNaN: true }),
    });
    const entries = fc.array(entry, { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(entries, fc.double({ min: -20, max: 20, noNaN: true }), (found, level) => {
        const sum = found.reduce((total, { likely }) => total + likely, 0);
        // The minimum of the weighted loss: p(class | x) · weight, up to a factor.
        const output = found.map(({ likely, weight }) => Math.log(likely * weight) + level);
        const classes = found.map((_, index) => `class ${index}`);
        const shift = shiftOf(found.map(({ weight }) => weight));
        const rules = { classes, temperature: 1, priorShift: shift, outOfDistribution: null };
        const { probabilities, score } = decide({ output, embedding: [] }, rules);
        probabilities.forEach((share, index) => {
          expect(share).toBeCloseTo((found[index]?.likely ?? 0) / sum, 9);
        });
        const plain = { classes, temperature: 1, outOfDistribution: null };
        expect(score).toBe(decide({ output, embedding: [] }, plain).score);
      }),
    );
  });

  test('names the likeliest class, not the one that weights made larger', () => {
    const rules = { classes: ['no', 'yes'], temperature: 3, outOfDistribution: null };
    const network = { output: [0, 1], embedding: [] };
    expect(decide(network, rules).predicted).toBe('yes');
    expect(decide(network, { ...rules, priorShift: [-1, 1] }).predicted).toBe('no');
  });

  test('undoes nothing for equal weights, and nothing for a class without rows', () => {
    expect(shiftOf(undefined)).toBeUndefined();
    expect(shiftOf([1, 1, 1])).toBeUndefined();
    expect(shiftOf([0, 1.5, 1.5])).toEqual([0, Math.log(1.5), Math.log(1.5)]);
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
