import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetricFacts, QualityMetric, TestExample } from '../../platform/quality/index.ts';

const classes = ['good', 'ok', 'bad'];
const facts = (examples: readonly TestExample[], named = classes): MetricFacts => ({
  examples,
  classes: named,
  outOfDistribution: null,
});

const classified: fc.Arbitrary<TestExample> = fc
  .record({
    label: fc.constantFrom(...classes),
    weights: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ label, weights }) => {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const predicted = classes[weights.indexOf(Math.max(...weights))] ?? '';
    return { label, predicted, probabilities: weights.map((weight) => weight / sum) };
  });

const estimated: fc.Arbitrary<TestExample> = fc
  .tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -1000, max: 1000 }))
  .map(([truth, value]) => estimate(truth, value));

function estimate(truth: number, value: number): TestExample {
  return { label: String(truth), predicted: String(value), probabilities: [value] };
}

/** An answer without a doubt, as many classes further as `by` says. */
function sure(label: string, by: number): TestExample {
  const answer = (classes.indexOf(label) + by) % classes.length;
  const probabilities = classes.map((_, index) => (index === answer ? 1 : 0));
  return { label, predicted: classes[answer] ?? '', probabilities };
}

/** A perfect and a hopeless set of answers to the questions that a metric's task asks. */
function extremes({ name, tasks, needsOutOfDistribution }: QualityMetric) {
  if (needsOutOfDistribution) return { perfect: refusal(1, 0), hopeless: refusal(0, 1) };
  if (tasks.includes('tabular-regression')) {
    const values = [1, 2, 5, 9];
    return {
      perfect: facts(values.map((value) => estimate(value, value))),
      hopeless: facts(values.map((value) => estimate(value, -1e6 * value))),
    };
  }
  const wrong = rankers.includes(name) ? torn : (label: string) => sure(label, 1);
  return {
    perfect: facts(classes.map((label) => sure(label, 0))),
    hopeless: facts(classes.map(wrong)),
  };
}

/** Metrics of the order of answers, which is worst where every other class is thought more likely than the true one. */
const rankers = ['auroc', 'averagePrecision'];

/** The worst values that these answers can have where they lie within the range. */
const leastReached: Readonly<Record<string, number>> = {
  // The true one of three examples is found last.
  averagePrecision: 1 / 3,
};

/** An answer that takes the true class for the only one that it cannot be. */
function torn(label: string): TestExample {
  const probabilities = classes.map((name) => (name === label ? 0 : 0.5));
  return { label, predicted: classes[probabilities.indexOf(0.5)] ?? '', probabilities };
}

function refusal(auroc: number | null, fpr95: number | null): MetricFacts {
  const method = { method: 'energy', threshold: 0, acceptance: 0.95, distance: null } as const;
  return { ...facts([]), outOfDistribution: { ...method, auroc, fpr95, refused: null } };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spreadOf(values: readonly number[]): number {
  const middle = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - middle) ** 2)));
}

/** The contract of every quality metric. */
export function testMetric(metric: QualityMetric): void {
  const { name, range, better, measure } = metric;
  const [least, greatest] = range;
  const regression = metric.tasks.includes('tabular-regression');
  const example = regression ? estimated : classified;
  const named = regression ? [] : classes;
  const [best, worst] = better === 'higher' ? [greatest, least] : [least, greatest];

  describe(`the metric ${name}`, () => {
    test('says in words what it is', () => {
      expect(metric.label).toMatch(/\S/);
      expect(metric.definition).toMatch(/^.+\.$/);
      expect(metric.tasks.length).toBeGreaterThan(0);
      expect(least).toBeLessThan(greatest);
      if (metric.format === 'share') expect(range).toEqual([0, 1]);
    });

    test('has its best value for perfect predictions, and its worst for hopeless ones', () => {
      const { perfect, hopeless } = extremes(metric);
      expect(measure(perfect)).toBeCloseTo(best, 12);
      const far = measure(hopeless) ?? Number.NaN;
      if (Number.isFinite(worst)) expect(far).toBeCloseTo(leastReached[name] ?? worst, 12);
      else expect(better === 'higher' ? -far : far).toBeGreaterThan(10);
    });

    test('stays within its range, whatever a model predicts', () => {
      fc.assert(
        fc.property(fc.array(example, { minLength: 1 }), (examples) => {
          const value = measure({ ...refusal(0.9, 0.1), examples });
          if (value === null) return;
          expect(value).toBeGreaterThanOrEqual(least - 1e-12);
          expect(value).toBeLessThanOrEqual(greatest + 1e-12);
        }),
      );
    });

    test('does not depend on the order of the examples', () => {
      const shuffled = fc
        .array(example, { minLength: 2 })
        .chain((examples) =>
          fc.tuple(
            fc.constant(examples),
            fc.shuffledSubarray(examples, { minLength: examples.length }),
          ),
        );
      fc.assert(
        fc.property(shuffled, ([examples, others]) => {
          const of = (some: readonly TestExample[]) =>
            measure({ ...refusal(0.9, 0.1), examples: some }) ?? 0;
          const size = Math.max(1, Math.abs(of(examples)));
          expect(Math.abs(of(examples) - of(others)) / size).toBeLessThan(1e-9);
        }),
      );
    });

    test('is the mean of its parts, which spread as leaving out each example says', () => {
      const { parts } = metric;
      if (!parts) return;
      const examples = fc.sample(example, { numRuns: 400, seed: 8 });
      const whole = measure({ ...facts(examples), classes: named }) ?? 0;
      const found = parts({ ...facts(examples), classes: named });
      const size = Math.max(1, Math.abs(whole));
      expect(Math.abs(meanOf(found) - whole) / size).toBeLessThan(1e-9);
      const pseudo = examples.map((_, index) => {
        const others = measure({ ...facts(examples.toSpliced(index, 1)), classes: named }) ?? 0;
        return examples.length * whole - (examples.length - 1) * others;
      });
      const [ours, theirs] = [spreadOf(found), spreadOf(pseudo)];
      expect(Math.abs(ours / theirs - 1)).toBeLessThan(0.05);
    });

    test('without examples is a number, or has no value', () => {
      for (const nothing of [facts([]), facts([], []), refusal(null, null)]) {
        const value = measure(nothing);
        if (value !== null) expect(value).not.toBeNaN();
        if (metric.needsOutOfDistribution) expect(value).toBeNull();
      }
    });
  });
}
