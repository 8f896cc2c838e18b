import { expect, test } from 'vitest';
import { createMeter } from '../../../../pipeline/engine/meter.ts';

/** A meter over a machine whose counters a test moves on. */
function meterOf(energy: boolean) {
  const machine = { seconds: 100, joules: 7 };
  const meter = createMeter({
    spent: () => ({
      processorSeconds: machine.seconds,
      joules: energy ? machine.joules : null,
    }),
    memory: () => null,
  });
  const spend = (seconds: number, joules: number) => {
    machine.seconds += seconds;
    machine.joules += joules;
  };
  return { meter, spend };
}

test('a bill holds what was spent between its start and its end', () => {
  const { meter, spend } = meterOf(true);
  spend(50, 50);
  const end = meter.start();
  spend(3, 40);
  const bill = end();
  spend(9, 9);
  expect(bill).toEqual({ processorSeconds: 3, joules: 40, peakBytes: null });
});

test('what is spent while two stages run is shared, so that bills add up', () => {
  const { meter, spend } = meterOf(false);
  const first = meter.start();
  spend(2, 0);
  const second = meter.start();
  spend(4, 0);
  expect(first()).toEqual({ processorSeconds: 4, joules: null, peakBytes: null });
  spend(1, 0);
  expect(second()).toEqual({ processorSeconds: 3, joules: null, peakBytes: null });
});

test('a counter that seems to go back costs nothing', () => {
  const { meter, spend } = meterOf(true);
  const end = meter.start();
  spend(-5, 1);
  expect(end()).toEqual({ processorSeconds: 0, joules: 1, peakBytes: null });
});

test('a bill holds the most memory that was seen, not the last', async () => {
  let bytes = 5e6;
  const spent = () => ({ processorSeconds: null, joules: null });
  const seen: number[] = [];
  const end = createMeter({ spent, memory: () => bytes }).start((now) => seen.push(now));
  bytes = 9e6;
  await expect.poll(() => seen, { timeout: 10_000 }).toContain(9e6);
  bytes = 1e6;
  expect(end().peakBytes).toBe(9e6);
});
