import { describe, expect, test } from 'vitest';
import { differenceInterval } from '../../../../../pipeline/evaluation/compare-metrics.ts';
import { measureRefusal } from '../../../../../pipeline/evaluation/outliers/measure-refusal.ts';
import { areaUnderRoc } from '../../../../../platform/lib/area-under-roc.ts';
import { createRandom } from '../../../../../platform/lib/random.ts';
import {
  findMetric,
  type MetricFacts,
  qualityMetrics,
  type TestExample,
} from '../../../../../platform/quality/index.ts';
import { areaInterval } from '../../../../../platform/quality/statistics/area-interval.ts';

const classes = ['good', 'bad'];

/** Examples of two classes whose probability of `bad` says more of it the further apart they are. */
function drawn(seed: string, count: number, apart: number): MetricFacts {
  const random = createRandom(seed);
  const examples = Array.from({ length: count }, () => {
    const bad = random.next() < 0.3;
    const share = 1 / (1 + Math.exp(1 - random.normal() - (bad ? apart : 0)));
    const label = bad ? 'bad' : 'good';
    return {
      label,
      predicted: share > 0.5 ? 'bad' : 'good',
      probabilities: [1 - share, share],
    };
  });
  return { examples, classes, outOfDistribution: null };
}

test.each(qualityMetrics.map((metric) => ({ metric, name: metric.name })))(
  '$name has parts or an interval of its own, and examples can be weighed where it has no parts',
  ({ metric }) => {
    expect(metric.parts ?? metric.interval).toBeDefined();
    expect(metric.reweigh !== undefined).toBe(
      metric.parts === undefined && !metric.needsOutOfDistribution,
    );
  },
);

describe('the recall at a precision', () => {
  const metric = findMetric('recallAtPrecision80');

  test('lies within its interval, which more examples narrow', () => {
    const widths = [60, 400, 4000].map((count) => {
      const facts = drawn(`width ${count}`, count, 2);
      const value = metric?.measure(facts) ?? Number.NaN;
      const { low, high } = metric?.interval?.(facts) ?? { low: 1, high: 0 };
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
      return high - low;
    });
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    expect(widths[0]).toBeLessThan(1);
    expect(widths[2]).toBeLessThan(0.15);
  });

  test('of new examples is within the interval at least 93 times out of 100', () => {
    const truth = metric?.measure(drawn('population', 100_000, 2)) ?? Number.NaN;
    const covered = Array.from({ length: 200 }, (_, at) => {
      const { low, high } = metric?.interval?.(drawn(`sample ${at}`, 200, 2)) ?? {};
      return low !== undefined && high !== undefined && low <= truth && truth <= high;
    }).filter(Boolean).length;
    expect(covered / 200).toBeGreaterThan(0.93);
  });

  test('has none where the test holds one class', () => {
    const { examples } = drawn('one class', 100, 2);
    const facts = {
      ...{ classes, outOfDistribution: null },
      examples: examples.filter(({ label }) => label === 'good'),
    };
    expect(metric?.interval?.(facts)).toBeNull();
  });

  test('with each example counted once is what was measured', () => {
    const facts = drawn('weighed', 300, 1.5);
    const reweighed = metric?.reweigh?.(facts);
    expect(reweighed?.(new Uint16Array(300).fill(1))).toBe(metric?.measure(facts));
    expect(reweighed?.(new Uint16Array(300).fill(2))).toBe(metric?.measure(facts));
    expect(reweighed?.(new Uint16Array(300))).toBeNaN();
  });
});

describe('how out-of-distribution inputs are separated', () => {
  const refusal = (inliers: readonly number[], outliers: readonly number[], auroc: number) => ({
    ...{ examples: [], classes, refusalScores: { inliers, outliers } },
    outOfDistribution: {
      ...{ method: 'energy' as const, threshold: 0, acceptance: 0.95, distance: null },
      ...{ auroc, fpr95: 0, refused: null },
    },
  });
  const numbers = (count: number, from: number) =>
    Array.from({ length: count }, (_, at) => from + at);

  test('a perfect area is not certain, and less so with few', () => {
    const of = (inliers: number, outliers: number) =>
      findMetric('outOfDistributionAuroc')?.interval?.(
        refusal(numbers(inliers, 1000), numbers(outliers, 0), 1),
      );
    expect(of(200, 20)).toMatchObject({ high: 1 });
    expect(of(200, 20)?.low).toBeGreaterThan(0.8);
    expect(of(200, 20)?.low).toBeLessThan(of(2000, 200)?.low ?? 0);
    expect(of(2000, 200)?.low).toBeLessThan(1);
  });

  test.each([
    [1, 153],
    [1, 1000],
    [2.5, 1000],
  ])(
    'the true area is within its interval at least 91 times out of 100 where those to refuse spread twice as much, %d apart, of %d',
    (apart, count) => {
      const random = createRandom(`spread ${apart}`);
      const draw = (many: number, shift: number, times: number) =>
        Array.from({ length: many }, () => times * random.normal() + shift);
      const truth = areaUnderRoc(draw(50_000, apart, 1), draw(50_000, 0, 2)) ?? Number.NaN;
      const held = Array.from({ length: 300 }, () => {
        const [inliers, outliers] = [draw(count, apart, 1), draw(40, 0, 2)];
        const facts = refusal(inliers, outliers, areaUnderRoc(inliers, outliers) ?? Number.NaN);
        const { low = 1, high = 0 } = findMetric('outOfDistributionAuroc')?.interval?.(facts) ?? {};
        return low <= truth && truth <= high;
      }).filter(Boolean).length;
      expect(held / 300).toBeGreaterThan(0.91);
    },
  );

  test('the interval of an area is open where a side is missing', () => {
    expect(areaInterval(0.8, 0, 10)).toEqual({ low: 0, high: 1 });
    const { low, high } = areaInterval(0.5, 40, 40);
    expect(low + high).toBeCloseTo(1, 9);
  });

  test('of 40 that all are below the genuine ones some may pass, and with few genuine ones any', () => {
    const of = (inliers: number) =>
      findMetric('outOfDistributionFpr95')?.interval?.(
        refusal(numbers(inliers, 1000), numbers(40, 0), 1),
      );
    expect(of(400)).toMatchObject({ low: 0 });
    expect(of(400)?.high).toBeGreaterThan(0.03);
    expect(of(400)?.high).toBeLessThan(0.1);
    expect(of(30)?.high).toBe(1);
  });

  test('without scores there are no intervals', () => {
    const { refusalScores: _, ...facts } = refusal([], [], 0.9);
    expect(findMetric('outOfDistributionAuroc')?.interval?.(facts)).toBeNull();
    expect(findMetric('outOfDistributionFpr95')?.interval?.(facts)).toBeNull();
  });
});

describe('the share of inputs to refuse that pass', () => {
  const metric = findMetric('outOfDistributionFpr95') ?? expect.unreachable();
  const of = (inliers: readonly number[], outliers: readonly number[]) =>
    metric.interval?.({
      ...{ examples: [], classes, refusalScores: { inliers, outliers } },
      outOfDistribution: null,
    }) ?? expect.unreachable();

  test.each([
    { apart: 1, truth: 0.7405 },
    { apart: 2.5, truth: 0.1962 },
    { apart: 3.3, truth: 0.0489 },
  ])('is held in 92 to 98 of 100 tests where it is $truth', ({ apart, truth }) => {
    const random = createRandom(`passing ${apart}`);
    const draw = (count: number, shift: number) =>
      Array.from({ length: count }, () => random.normal() + shift);
    const held = Array.from({ length: 500 }, () => {
      const { low, high } = of(draw(300, apart), draw(300, 0));
      return low <= truth && truth <= high;
    }).filter(Boolean).length;
    expect(held / 500).toBeGreaterThan(0.92);
    expect(held / 500).toBeLessThan(0.98);
  });

  test('has no upper end with so few genuine inputs that all may lie above the true threshold', () => {
    const rising = (count: number, from: number) =>
      Array.from({ length: count }, (_, at) => from + at);
    // 0.95 ** 71 is more than 2.5 %, 0.95 ** 72 is less.
    expect(of(rising(71, 100), rising(40, 0)).high).toBe(1);
    expect(of(rising(72, 100), rising(40, 0)).high).toBeLessThan(1);
  });

  test('holds what was measured, whatever the scores are', () => {
    const random = createRandom('any scores');
    for (let round = 0; round < 200; round++) {
      const draw = () => Array.from({ length: 1 + random.int(90) }, () => random.int(6));
      const [inliers, outliers] = [draw(), draw()];
      const { low, high } = of(inliers, outliers);
      const { fpr95 } = measureRefusal({ inliers, outliers }, 0);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(fpr95 ?? Number.NaN);
      expect(high).toBeGreaterThanOrEqual(fpr95 ?? Number.NaN);
      expect(high).toBeLessThanOrEqual(1);
    }
  });
});

describe('average precision', () => {
  const metric = findMetric('averagePrecision') ?? expect.unreachable();

  test.each([1, 2, 3])('is held in 92 to 98 of 100 tests where classes are %d apart', (apart) => {
    const truth = metric.measure(drawn(`precision ${apart}`, 100_000, apart)) ?? Number.NaN;
    const held = Array.from({ length: 500 }, (_, at) => {
      const facts = drawn(`precision ${apart} ${at}`, 150, apart);
      const { low, high } = metric.interval?.(facts) ?? expect.unreachable();
      return low <= truth && truth <= high;
    }).filter(Boolean).length;
    expect(held / 500).toBeGreaterThan(0.92);
    expect(held / 500).toBeLessThan(0.98);
  });

  test('of a perfect ranking is not certain, and more so with more examples of the class', () => {
    const perfect = (count: number): MetricFacts => ({
      ...{ classes, outOfDistribution: null },
      examples: Array.from({ length: 4 * count }, (_, at) => {
        const [label, share] = at < count ? ['bad', 0.9] : ['good', 0.1];
        return { label, predicted: label, probabilities: [1 - share, share - at / 1e6] };
      }),
    });
    const [few, many] = [5, 50].map((count) => metric.interval?.(perfect(count)));
    expect(few).toMatchObject({ high: 1 });
    expect(few?.low).toBeGreaterThan(0.5);
    expect(few?.low).toBeLessThan(many?.low ?? 0);
    expect(many?.low).toBeLessThan(1);
    expect(many?.low).toBeGreaterThan(0.9);
  });

  test('holds what was measured, whatever the probabilities are', () => {
    const random = createRandom('any probabilities');
    for (let round = 0; round < 300; round++) {
      const names = ['a', 'b', 'c'].slice(0, 2 + random.int(2));
      const examples = Array.from({ length: 2 + random.int(40) }, () => ({
        ...{ label: names[random.int(names.length)] ?? '', predicted: 'a' },
        probabilities: names.map(() => random.int(4) / 4),
      }));
      const facts = { examples, classes: names, outOfDistribution: null };
      const value = metric.measure(facts);
      const ends = metric.interval?.(facts) ?? null;
      expect(ends === null).toBe(value === null);
      expect(ends?.low ?? 0).toBeLessThanOrEqual(value ?? 0);
      expect(ends?.high ?? 0).toBeGreaterThanOrEqual(value ?? 0);
    }
  });
});

describe('with ten classes of which the rarest have 3 of 153 examples', () => {
  const shares = [0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.04, 0.03, 0.02, 0.02];
  const names = shares.map((_, at) => `c${at}`);
  const random = createRandom('ten classes');
  const draw = (count: number): MetricFacts => ({
    examples: Array.from({ length: count }, () => {
      let [truth, left] = [0, random.next()];
      while (truth < 9 && left >= (shares[truth] ?? 0)) left -= shares[truth++] ?? 0;
      return answer(truth);
    }),
    classes: names,
    outOfDistribution: null,
  });
  const population = draw(40_000);
  const tests = Array.from({ length: 250 }, () => draw(153));

  test.each(['balancedAccuracy', 'macroF1', 'auroc', 'averagePrecision'])(
    'the true %s is within its interval at least 91 times out of 100',
    (name) => {
      const metric = findMetric(name);
      const truth = metric?.measure(population) ?? Number.NaN;
      const covered = tests.filter((facts) => {
        const { low = 1, high = 0 } = metric?.interval?.(facts) ?? {};
        expect(metric?.measure(facts)).toBeGreaterThanOrEqual(low);
        expect(metric?.measure(facts)).toBeLessThanOrEqual(high);
        return low <= truth && truth <= high;
      });
      expect(covered.length / tests.length).toBeGreaterThan(0.91);
    },
  );

  test.each(['auroc', 'averagePrecision'])(
    'two equally good models do not differ by %s in at least 91 of 100 tests',
    (name) => {
      const metric = findMetric(name) ?? expect.unreachable();
      const same = tests.slice(0, 200).filter((facts) => {
        const other = {
          ...facts,
          examples: facts.examples.map(({ label }) => answer(names.indexOf(label))),
        };
        const { low, high } = differenceInterval(metric, facts, other);
        return low !== null && high !== null && low <= 0 && 0 <= high;
      });
      expect(same.length).toBeGreaterThan(182);
    },
  );

  function answer(truth: number): TestExample {
    const weights = shares.map((share, at) => {
      return share * Math.exp(1.6 * random.normal() + (at === truth ? 2.7 : 0));
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const probabilities = weights.map((weight) => weight / total);
    const predicted = names[probabilities.indexOf(Math.max(...probabilities))] ?? '';
    return { label: names[truth] ?? '', predicted, probabilities };
  }
});

test('a class that the test does not hold may have any recall', () => {
  const metric = findMetric('balancedAccuracy');
  const answers = (label: string, right: number, wrong: number): TestExample[] =>
    Array.from({ length: right + wrong }, (_, at) => ({
      ...{ label, predicted: at < right ? label : label === 'a' ? 'b' : 'a' },
      probabilities: [0.5, 0.5, 0],
    }));
  const examples = [...answers('a', 80, 20), ...answers('b', 70, 30)];
  const widthWith = (named: string[]) => {
    const { low = 0, high = 0 } =
      metric?.interval?.({ examples, classes: named, outOfDistribution: null }) ?? {};
    return high - low;
  };
  expect(widthWith(['a', 'b'])).toBeLessThan(0.15);
  expect(widthWith(['a', 'b', 'c'])).toBeGreaterThan(0.3);
});
