import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOneByOne } from '../../../../platform/lib/one-by-one.ts';

test('works run in the order in which they were asked for and never together, whatever fails', async () => {
  const works = fc.array(fc.record({ ms: fc.nat({ max: 3 }), fails: fc.boolean() }));
  await fc.assert(
    fc.asyncProperty(works, async (asked) => {
      const oneByOne = createOneByOne();
      const began: number[] = [];
      let running = 0;
      const results = asked.map(({ ms, fails }, index) =>
        oneByOne(async () => {
          began.push(index);
          expect(++running).toBe(1);
          await pause(ms);
          running -= 1;
          if (fails) throw new Error(`work ${index}`);
          return index;
        }),
      );
      const ended = await Promise.allSettled(results);
      expect(began).toEqual(asked.map((_, index) => index));
      expect(ended.map(({ status }) => status === 'rejected')).toEqual(
        asked.map(({ fails }) => fails),
      );
      for (const [index, one] of ended.entries())
        if (one.status === 'fulfilled') expect(one.value).toBe(index);
        else expect(one.reason).toEqual(new Error(`work ${index}`));
    }),
    { numRuns: 50 },
  );
});
