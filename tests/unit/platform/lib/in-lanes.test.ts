import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inLanes } from '../../../../platform/lib/in-lanes.ts';

test('results are in the order of the items, and never more than so many are at work', async () => {
  const waits = fc.array(fc.nat(3), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(waits, fc.integer({ min: 1, max: 5 }), async (items, lanes) => {
      let working = 0;
      let most = 0;
      const results = await inLanes(items, lanes, async (wait, at) => {
        most = Math.max(most, ++working);
        await delay(wait);
        working--;
        return [at, wait];
      });
      expect(results).toEqual(items.map((wait, at) => [at, wait]));
      expect(most).toBe(Math.min(lanes, items.length));
    }),
    { numRuns: 30 },
  );
});

test('after a failure nothing more begins, and what was begun is waited for', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = inLanes([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    await delay(item === 0 ? 1 : 20);
    if (item === 0) throw new Error('the first');
    ended.push(item);
  });
  await expect(work).rejects.toThrow('the first');
  expect([begun, ended]).toEqual([[0, 1], [1]]);
});
