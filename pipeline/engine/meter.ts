import type { Spent } from '../../platform/schemas/index.ts';
import { createSpentReader, type ReadSpent } from './read-spent.ts';

/** Measures what stages spend besides time. */
export interface Meter {
  /** Begins a bill. @returns ends it */
  start(): () => Spent;
}

/** An energy counter that is full starts again from 0, on a large machine after some minutes. */
const everyMs = 30_000;

/**
 * Creates a meter. What is spent while several stages run is shared equally between them, so that their bills add up to
 * what was spent.
 */
export function createMeter(read: ReadSpent = createSpentReader()): Meter {
  const open = new Set<{ seconds: number; joules: number }>();
  let last: Spent = { processorSeconds: null, joules: null };
  let timer: NodeJS.Timeout | undefined;
  const account = () => {
    const now = read();
    for (const bill of open) {
      bill.seconds += between(last.processorSeconds, now.processorSeconds) / open.size;
      bill.joules += between(last.joules, now.joules) / open.size;
    }
    last = now;
  };
  return {
    start() {
      if (open.size === 0) last = read();
      else account();
      const bill = { seconds: 0, joules: 0 };
      open.add(bill);
      timer ??= setInterval(account, everyMs).unref();
      return () => {
        account();
        open.delete(bill);
        if (open.size === 0) timer = void clearInterval(timer);
        return {
          processorSeconds: last.processorSeconds === null ? null : bill.seconds,
          joules: last.joules === null ? null : bill.joules,
        };
      };
    },
  };
}

/** A child that ends between two looks may be counted a moment too late, so time can seem to go back. */
function between(before: number | null, after: number | null): number {
  return Math.max(0, (after ?? 0) - (before ?? 0));
}
