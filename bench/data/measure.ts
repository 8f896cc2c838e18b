import type { Contender } from './contender.ts';

/** What is measured, with the goal: how many times as fast as DVC. */
export const operations = { add: 10, status: 5, checkout: 5 } as const;
export type Operation = keyof typeof operations;

/** Seconds of each round. */
export interface Times {
  readonly name: string;
  readonly seconds: Readonly<Record<Operation, readonly number[]>>;
}

/** Runs the contenders by turns, so that both meet the same machine. */
export async function measure(contenders: readonly Contender[], rounds: number): Promise<Times[]> {
  const times = contenders.map((contender) => ({
    contender,
    seconds: { add: [], status: [], checkout: [] } as Record<Operation, number[]>,
  }));
  const time = async (operation: Operation, round: number) => {
    for (const { contender, seconds } of times) {
      if (operation === 'add') await contender.loseStore();
      if (operation === 'checkout') await contender.loseData();
      const began = performance.now();
      await contender[operation]();
      const taken = (performance.now() - began) / 1000;
      seconds[operation].push(taken);
      const text = `round ${round}: ${contender.name} ${operation} ${taken.toFixed(2)} s\n`;
      process.stderr.write(text);
    }
  };
  for (let round = 1; round <= rounds; round++) {
    await time('add', round);
    // The first status after an add may look at files that were written a moment before.
    await time('status', round);
    await time('checkout', round);
  }
  return times.map(({ contender, seconds }) => ({ name: contender.name, seconds }));
}
