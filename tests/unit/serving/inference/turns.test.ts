import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTurns, runAll } from '../../../../serving/inference/turns.ts';

const patient = new AbortController().signal;

test('no more run at once than the limit, in the order in which they came', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat(3), { maxLength: 12 }),
      async (limit, times) => {
        const turns = createTurns(limit);
        const begun: number[] = [];
        let running = 0;
        const works = times.map((time, index) =>
          turns(patient, async () => {
            begun.push(index);
            running += 1;
            expect(running).toBeLessThanOrEqual(limit);
            await delay(time);
            running -= 1;
            return index;
          }),
        );
        expect(await Promise.all(works)).toEqual(begun.sort((a, b) => a - b));
      },
    ),
    { numRuns: 20 },
  );
});

test('work that is given up before its turn never starts, and keeps nobody waiting', async () => {
  const turns = createTurns(1);
  const controller = new AbortController();
  const first = turns(patient, () => delay(20, 'first'));
  const second = turns(controller.signal, async () => expect.unreachable());
  const third = turns(patient, async () => 'third');
  controller.abort(new Error('gone'));
  await expect(second).rejects.toThrow('gone');
  expect(await first).toBe('first');
  expect(await third).toBe('third');
});

test('the first failure ends the rest', async () => {
  const begun: number[] = [];
  const all = runAll(createTurns(1), patient, [0, 1, 2, 3], async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('broken');
    return item;
  });
  await expect(all).rejects.toThrow('broken');
  expect(begun).toEqual([0, 1]);
});

test('results come in the order of the items; an aborted signal gives its reason', async () => {
  const double = async (item: number) => {
    await delay(5 - item);
    return item * 2;
  };
  expect(await runAll(createTurns(3), patient, [0, 1, 2, 3], double)).toEqual([0, 2, 4, 6]);
  const gone = AbortSignal.abort(new Error('gone'));
  await expect(runAll(createTurns(3), gone, [1, 2], double)).rejects.toThrow('gone');
  expect(await runAll(createTurns(3), patient, [], double)).toEqual([]);
});
