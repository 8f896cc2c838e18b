import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../../../platform/lib/random.ts';
import { foldedNormal } from '../../../../../platform/quality/statistics/folded-normal.ts';
import {
  type Claim,
  gapDifference,
  gapInterval,
} from '../../../../../platform/quality/statistics/gap-interval.ts';

const bins = 10;

/** Answers that are right less often than claimed by a share of what is left to certainty above a half. */
function claims(seed: string, count: number, tooSure: number): Claim[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const confidence = 0.5 + random.next() / 2;
    return { confidence, right: random.next() < confidence - tooSure * (confidence - 0.5) };
  });
}

/** The true gap of such answers: half of the mean of what is above a half, which is a quarter. */
const trueGap = (tooSure: number) => tooSure / 4;
const of = (seed: string, count: number, tooSure: number) => ({
  ...{ claims: claims(seed, count, tooSure), bins },
});

test.each([
  { center: 0, deviation: 1 },
  { center: -0.7, deviation: 0.5 },
  { center: 4, deviation: 1.5 },
])(
  'the size of a normal number around $center has the moments of draws',
  ({ center, deviation }) => {
    const random = createRandom('folded');
    const drawn = Array.from({ length: 200_000 }, () =>
      Math.abs(center + deviation * random.normal()),
    );
    const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
    const around = (power: number) =>
      drawn.reduce((sum, one) => sum + (one - mean) ** power, 0) / drawn.length;
    const moments = foldedNormal(center, deviation);
    expect(moments.mean).toBeCloseTo(mean, 1.7);
    expect(moments.variance).toBeCloseTo(around(2), 1.4);
    expect(moments.cube).toBeCloseTo(around(3), 1);
  },
);

test('a number without spread is its own size', () => {
  expect(foldedNormal(-3, 0)).toEqual({ mean: 3, variance: 0, cube: 0 });
});

describe('the true gap between confidence and accuracy', () => {
  test.each([0, 0.15, 0.4, 0.8])(
    'is within its interval about 19 times out of 20 where %d of what is above a half is too much',
    (tooSure) => {
      const held = Array.from({ length: 400 }, (_, at) => {
        const { low = 1, high = 0 } = gapInterval(of(`run ${at}`, 150, tooSure)) ?? {};
        return low <= trueGap(tooSure) && trueGap(tooSure) <= high;
      }).filter(Boolean).length;
      expect(held / 400).toBeGreaterThan(0.925);
      expect(held / 400).toBeLessThan(0.99);
    },
  );

  test('is estimated without what chance adds to a sum of sizes', () => {
    const all = Array.from({ length: 200 }, (_, at) => {
      const value = gapInterval(of(`value ${at}`, 400, 0.4))?.value ?? Number.NaN;
      return value - trueGap(0.4);
    });
    const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
    expect(Math.abs(mean)).toBeLessThan(0.008);
  });

  test('lies between the ends, which more examples bring together', () => {
    const widths = [60, 600, 6000].map((count) => {
      const { low, value, high } = gapInterval(of('width', count, 0.4)) ?? expect.unreachable();
      expect(low).toBeLessThanOrEqual(value);
      expect(value).toBeLessThanOrEqual(high);
      expect(high).toBeLessThanOrEqual(1);
      return high - low;
    });
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    expect(widths[2]).toBeLessThan(0.05);
  });

  test('is not known of answers that are certain and right, and is of those that are certain and wrong', () => {
    const certain = (right: boolean) => ({
      claims: Array.from({ length: 100 }, () => ({ confidence: 1, right })),
      bins,
    });
    expect(gapInterval(certain(true))).toBeNull();
    expect(gapInterval(certain(false))?.high).toBe(1);
    expect(gapInterval(certain(false))?.low).toBeGreaterThan(0.6);
    expect(gapDifference(certain(true), certain(true))).toBeNull();
    const apart = gapDifference(certain(false), certain(true));
    expect(apart?.high).toBe(1);
    expect(apart?.low).toBeGreaterThan(0.6);
  });
});

test('a few answers that are all right as nearly certain do not show that one in fifty is not wrong', () => {
  const claims = Array.from({ length: 60 }, () => ({ confidence: 0.9999, right: true }));
  expect(gapInterval({ claims, bins })?.high).toBeGreaterThan(0.02);
});

describe('the difference of two true gaps', () => {
  /** Two models that are right about the same examples, each as sure as it is. */
  const pair = (seed: string, ours: number, theirs: number) => {
    const random = createRandom(seed);
    const both = Array.from({ length: 150 }, () => {
      const truth = 0.5 + random.next() / 2;
      const right = random.next() < truth;
      const claim = (tooSure: number) => ({
        ...{ right, confidence: Math.min(0.9999, 0.5 + (truth - 0.5) / (1 - tooSure)) },
      });
      return [claim(ours), claim(theirs)] as const;
    });
    return [0, 1].map((side) => ({ claims: both.map((one) => one[side as 0 | 1]), bins })) as [
      { claims: Claim[]; bins: number },
      { claims: Claim[]; bins: number },
    ];
  };

  test.each([
    [0.3, 0],
    [0.3, 0.1],
    [0.4, 0.2],
  ])(
    'is within its interval at least 92 times out of 100 for models that are %d and %d too sure',
    (ours, theirs) => {
      const gapOf = (tooSure: number) => {
        const steps = Array.from({ length: 10_000 }, (_, at) => (at + 0.5) / 20_000);
        const gaps = steps.map((over) => Math.min(0.4999, over / (1 - tooSure)) - over);
        return gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      };
      const truth = gapOf(ours) - gapOf(theirs);
      const held = Array.from({ length: 250 }, (_, at) => {
        const { low, high } = gapDifference(...pair(`${ours} ${at}`, ours, theirs)) ?? {
          low: 1,
          high: 0,
        };
        return low <= truth && truth <= high;
      }).filter(Boolean).length;
      expect(held / 250).toBeGreaterThan(0.92);
    },
  );

  test('is known better than each alone where both are nearly perfect and right about the same examples', () => {
    const [ours, theirs] = pair('perfect', 0, 0.02);
    const [one, other] = [gapInterval(ours), gapInterval(theirs)];
    const between = gapDifference(ours, theirs);
    const lengthOf = (ends: { low: number; high: number } | null) =>
      (ends?.high ?? 1) - (ends?.low ?? 0);
    expect(lengthOf(between)).toBeLessThan(0.8 * (lengthOf(one) + lengthOf(other)));
  });

  test('is the other way round if the models are', () => {
    const [a, b] = pair('turned', 0.3, 0.1);
    const [there, back] = [gapDifference(a, b), gapDifference(b, a)];
    expect(there?.low).toBeCloseTo(-(back?.high ?? Number.NaN), 1.7);
    expect(there?.high).toBeCloseTo(-(back?.low ?? Number.NaN), 1.7);
  });
});
