import { expect, test } from 'vitest';
import { createMachine } from '../../../../pipeline/engine/index.ts';

test.each([
  [8, 1, 8],
  [8, 3, 2],
  [2, 8, 1],
])('of %d processors, %d stages at once have %d threads each', (cpus, atOnce, threads) => {
  const machine = createMachine({ cpus, memoryMb: 100, gpus: 0 }, atOnce);
  expect(machine.threads).toBe(threads);
});
