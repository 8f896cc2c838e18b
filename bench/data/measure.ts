import type { Contender } from './contender.ts';
import { execute } from './files.ts';

/** What is measured, with the goal: how many times as fast as DVC. */
export const operations = { add: 10, status: 6, checkout: 6 } as const;
export type Operation = keyof typeof operations;

/** The times of each round in seconds: on the clock, and of the processor, which a busy machine changes less. */
export interface Times {
  readonly name: string;
  readonly clock: Readonly<Record<Operation, readonly number[]>>;
  readonly processor: Readonly<Record<Operation, readonly number[]>>;
}

/** Runs the contenders by turns, so that both meet the same machine. */
export async function measure(contenders: readonly Contender[], rounds: number): Promise<Times[]> {
  const times = contenders.map((contender) => ({
    contender,
    clock: emptyRounds(),
    processor: emptyRounds(),
  }));
  const time = async (operation: Operation, round: number) => {
    for (const { contender, clock, processor } of times) {
      if (operation === 'add') await contender.loseStore();
      if (operation === 'checkout') await contender.loseData();
      // Earlier writes must not reach the disk during this operation.
      await execute('.', 'sync', []);
      const began = performance.now();
      const used = await contender[operation]();
      const taken = (performance.now() - began) / 1000;
      clock[operation].push(taken);
      processor[operation].push(used);
      const figures = `${taken.toFixed(2)} s, processor ${used.toFixed(2)} s`;
      process.stderr.write(`round ${round}: ${contender.name} ${operation} ${figures}\n`);
    }
  };
  for (let round = 1; round <= rounds; round++) {
    await time('add', round);
    // The first status after an add may look at files that were written a moment before.
    await time('status', round);
    await time('checkout', round);
  }
  return times.map(({ contender: { name }, clock, processor }) => ({ name, clock, processor }));
}

function emptyRounds(): Record<Operation, number[]> {
  return { add: [], status: [], checkout: [] };
}
