import { expect, test } from 'vitest';
import {
  acceptanceThreshold,
  isTooFew,
} from '../../../../pipeline/evaluation/outliers/acceptance-threshold.ts';
import { createRandom } from '../../../../platform/lib/random.ts';

test.each([20, 30, 69, 500])(
  'of new inputs at least the asked share passes in the mean, set by %i scores',
  (count) => {
    const random = createRandom(`acceptance of ${count}`);
    const runs = 4000;
    let accepted = 0;
    for (let run = 0; run < runs; run++) {
      const scores = Array.from({ length: count }, () => random.next());
      // Scores are uniform, so the threshold is the share of new ones that fail.
      accepted += 1 - Math.max(0, acceptanceThreshold(scores, 0.95).threshold);
    }
    expect(accepted / runs).toBeGreaterThan(0.95 - 0.002);
  },
);

test('fewer scores than it takes are known to be too few, and all of them pass', () => {
  expect([18, 19, 20].map((count) => isTooFew(count, 0.95))).toEqual([true, false, false]);
  expect(acceptanceThreshold([3, 1, 2], 0.95)).toMatchObject({ acceptance: 1 });
});
