import { setTimeout as pause } from 'node:timers/promises';
import { writeJson } from '../../platform/lib/json-file.ts';
import { createOneByOne } from '../../platform/lib/one-by-one.ts';
import type { DispatchOutcome } from '../metrics.ts';
import type { Attempt, BridgeGitHub } from './github.ts';
import { type Ask, coolDownKey, type Memory, readMemory } from './memory.ts';
import type { Notification } from './notification.ts';
import { type Limits, type Plan, planDispatches } from './plan.ts';

/** Counts and logs what happens to dispatches. */
export interface OutboxObserver {
  waiting(count: number): void;
  ended(ask: Ask, outcome: DispatchOutcome, reason: string): void;
  again(ask: Ask, attempt: Extract<Attempt, { outcome: 'again' }>): void;
  /** The state file could not be written after GitHub had taken a dispatch. */
  forgetful(error: unknown): void;
}

export interface OutboxOptions {
  readonly stateFile: string;
  readonly limits: Limits;
  /** Most dispatches that wait at once. */
  readonly queue: number;
  readonly github: BridgeGitHub;
  readonly observer: OutboxObserver;
  readonly now: () => number;
}

/** What waits to be sent to GitHub, on disk before anybody is answered. */
export interface Outbox {
  /** What follows from a notification, kept; null where too many wait, and nothing was kept. */
  take(notification: Notification): Promise<Plan | null>;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
  /** Ends after the attempt in progress; what still waits is sent by the next process. */
  close(): Promise<void>;
}

const mostAttempts = 12;
const rememberMs = 30 * 24 * 3_600_000;
const mostAnswered = 10_000;

/**
 * Opens the outbox and goes on with what an earlier process left. A dispatch is sent at least once: where a process dies between
 * GitHub's answer and the note of it, it is sent again with the same fingerprint, which the workflow answers once.
 *
 * @throws MainstemError JSON_INVALID, FILE_UNREADABLE
 */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { stateFile, limits, queue, observer, now } = options;
  const end = new AbortController();
  let memory = await readMemory(stateFile);
  // What cannot be written is noticed now, not with the first alert.
  await writeJson(stateFile, memory);
  let working: Promise<void> = Promise.resolve();
  let isWorking = false;

  /** One change after another, each on disk before the next. */
  const inTurn = createOneByOne();
  const keep = async (next: Memory) => {
    await writeJson(stateFile, next);
    memory = next;
    observer.waiting(memory.waiting.length);
  };
  const finish = (ask: Ask, outcome: DispatchOutcome) =>
    inTurn(async () => {
      const next = afterwards(memory, ask, outcome, now());
      await keep(next).catch((error: unknown) => {
        memory = next;
        observer.forgetful(error);
      });
    });
  const work = async () => {
    for (let ask = memory.waiting[0]; ask && !end.signal.aborted; ask = memory.waiting[0]) {
      const ended = await sendUntilEnd(ask, options, end.signal);
      if (ended === null) return;
      observer.ended(ask, ended.outcome, ended.reason);
      await finish(ask, ended.outcome);
    }
  };
  const start = () => {
    if (isWorking) return;
    isWorking = true;
    working = work().finally(() => {
      isWorking = false;
    });
  };
  observer.waiting(memory.waiting.length);
  start();
  return {
    take: (notification) =>
      inTurn(async () => {
        const plan = planDispatches(notification, memory, limits, now());
        if (memory.waiting.length + plan.asks.length > queue) return null;
        if (plan.asks.length + plan.seen.length > 0) await keep(withPlan(memory, plan, now()));
        start();
        return plan;
      }),
    idle: () => working,
    close: async () => {
      end.abort();
      await working;
      await inTurn(async () => undefined);
    },
  };
}

/** Null where the process ends first. */
async function sendUntilEnd(
  ask: Ask,
  { github, observer }: OutboxOptions,
  signal: AbortSignal,
): Promise<{ readonly outcome: DispatchOutcome; readonly reason: string } | null> {
  for (let attempt = 1; ; attempt++) {
    const made = await github.dispatch(ask, attempt);
    if (made.outcome === 'sent') return { outcome: 'sent', reason: '' };
    if (made.outcome === 'refused') return made;
    if (attempt >= mostAttempts) return { outcome: 'failed', reason: made.reason };
    observer.again(ask, made);
    if (signal.aborted) return null;
    const waited = await pause(made.wait.milliseconds, true, { signal }).catch(() => false);
    if (!waited) return null;
  }
}

function withPlan(memory: Memory, { asks, seen }: Plan, now: number): Memory {
  const firings = [...seen, ...asks.flatMap((ask) => ask.firings)];
  const answered = { ...memory.answered, ...Object.fromEntries(firings.map((key) => [key, now])) };
  return {
    ...memory,
    answered: recent(answered, now),
    waiting: [...memory.waiting, ...asks],
  };
}

/** What GitHub did not take counts as not asked, so that the alert is heard when it is repeated. */
function afterwards(memory: Memory, ask: Ask, outcome: DispatchOutcome, now: number): Memory {
  const waiting = memory.waiting.slice(1);
  if (outcome === 'sent')
    return { ...memory, waiting, sent: { ...memory.sent, [coolDownKey(ask)]: now } };
  const forgotten = new Set(ask.firings);
  const kept = Object.entries(memory.answered).filter(([firing]) => !forgotten.has(firing));
  return { ...memory, waiting, answered: Object.fromEntries(kept) };
}

function recent(answered: Memory['answered'], now: number): Memory['answered'] {
  const newest = Object.entries(answered)
    .filter(([, at]) => now - at < rememberMs)
    .sort(([, a], [, b]) => b - a);
  return Object.fromEntries(newest.slice(0, mostAnswered));
}
