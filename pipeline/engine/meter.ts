import type { Spent } from '../../platform/schemas/index.ts';
import { readMemory } from './read-memory.ts';
import { type Counters, createSpentReader, type ReadSpent } from './read-spent.ts';

/** What a stage spent, as far as this process can see. */
export type Bill = Counters & Required<Pick<Spent, 'peakBytes'>>;

/** Measures what stages spend besides time. */
export interface Meter {
  /**
   * Begins a bill.
   *
   * @param onMemory called at each look with the bytes that all processes of the run hold
   * @returns ends it
   */
  start(onMemory?: (bytes: number) => void): () => Bill;
}

/** Where a meter reads. */
export interface MeterReaders {
  readonly spent: ReadSpent;
  /** Bytes that all processes of the run hold now; null where the machine does not say. */
  readonly memory: () => number | null;
}

/** An energy counter that is full starts again from 0, on a large machine after some minutes. */
const countersEveryMs = 30_000;

/** A look takes some tens of microseconds for each process. */
const memoryEveryMs = 250;

interface OpenBill {
  seconds: number;
  joules: number;
  peakBytes: number | null;
  readonly onMemory: ((bytes: number) => void) | undefined;
}

/**
 * Creates a meter. What is spent while several stages run is shared equally between them, so that their bills add up to
 * what was spent. Memory cannot be told apart: each bill has that of the whole run.
 */
export function createMeter(
  { spent, memory }: MeterReaders = { spent: createSpentReader(), memory: readMemory },
): Meter {
  const open = new Set<OpenBill>();
  let last: Counters = { processorSeconds: null, joules: null };
  let timers: readonly NodeJS.Timeout[] = [];
  const account = () => {
    const now = spent();
    for (const bill of open) {
      bill.seconds += between(last.processorSeconds, now.processorSeconds) / open.size;
      bill.joules += between(last.joules, now.joules) / open.size;
    }
    last = now;
  };
  const look = () => {
    const bytes = memory();
    if (bytes === null) return;
    for (const bill of open) {
      bill.peakBytes = Math.max(bill.peakBytes ?? 0, bytes);
      bill.onMemory?.(bytes);
    }
  };
  const watch = () => {
    timers = [setInterval(account, countersEveryMs), setInterval(look, memoryEveryMs)];
    for (const timer of timers) timer.unref();
  };
  const rest = () => {
    for (const timer of timers) clearInterval(timer);
  };
  return {
    start(onMemory) {
      if (open.size === 0) {
        last = spent();
        watch();
      } else account();
      const bill: OpenBill = { seconds: 0, joules: 0, peakBytes: null, onMemory };
      open.add(bill);
      return () => {
        account();
        look();
        open.delete(bill);
        if (open.size === 0) rest();
        return {
          processorSeconds: last.processorSeconds === null ? null : bill.seconds,
          joules: last.joules === null ? null : bill.joules,
          peakBytes: bill.peakBytes,
        };
      };
    },
  };
}

/** A child that ends between two looks may be counted a moment too late, so time can seem to go back. */
function between(before: number | null, after: number | null): number {
  return Math.max(0, (after ?? 0) - (before ?? 0));
}
