import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  Silence,
  silenceIn,
  tellWaiting,
  untilSilent,
  whileMoving,
} from '../../../../platform/lib/silence.ts';

const never = () => new Promise<never>(() => {});

describe('whoever waits for another side', () => {
  afterEach(() => vi.useRealTimers());

  test('hears for whom after five seconds, once, and is freed after a minute', async () => {
    vi.useFakeTimers();
    const heard: string[] = [];
    const say = (text: string) => heard.push(text);
    const waiting = untilSilent({ place: 'http://farm', say }, never).catch((error) => error);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(heard).toEqual([]);
    await vi.advanceTimersByTimeAsync(55_000);
    expect(heard).toEqual([
      'Waiting for http://farm: no byte has moved for 5 s; it is given up after 60 s.',
    ]);
    await vi.advanceTimersByTimeAsync(200);
    expect(await waiting).toMatchObject({ place: 'http://farm', seconds: 60 });
  });

  test('waits as long as bytes move, and hears nothing then', async () => {
    vi.useFakeTimers();
    const heard: string[] = [];
    const work = untilSilent({ place: 'x', say: (text) => heard.push(text) }, async (hearing) => {
      for (let second = 0; second < 100; second += 4) {
        await new Promise((resolve) => setTimeout(resolve, 4_000));
        hearing.moved();
      }
      return hearing.signal.aborted;
    });
    await vi.advanceTimersByTimeAsync(101_000);
    expect(await work).toBe(false);
    expect(heard).toEqual([]);
  });
});

test('work that is given up hears it by its signal', async () => {
  let reason: unknown;
  const work = untilSilent({ place: 'x', limitMs: 20 }, ({ signal }) => {
    signal.addEventListener('abort', () => {
      reason = signal.reason;
    });
    return never();
  });
  await expect(work).rejects.toThrow(Silence);
  expect(reason).toBeInstanceOf(Silence);
});

test('a body counts as silent only while it is asked for', async () => {
  async function* body() {
    yield 1;
    yield 2;
    await never();
  }
  const parts: number[] = [];
  const reading = (async () => {
    for await (const part of whileMoving(body(), { place: 'x', limitMs: 40 })) {
      parts.push(part);
      await pause(80);
    }
  })();
  await expect(reading).rejects.toThrow(Silence);
  expect(parts).toEqual([1, 2]);
});

test('an error is about a silence by any of its causes, also in a circle', () => {
  const silence = new Silence('x', 1000);
  expect(silenceIn(new Error('a', { cause: new Error('b', { cause: silence }) }))).toBe(silence);
  const circle: Error = new Error('round');
  circle.cause = circle;
  for (const other of [circle, undefined, 'no', new Error('x')])
    expect(silenceIn(other)).toBe(undefined);
});

test('of several connections to one place a person hears once', () => {
  const lines: string[] = [];
  const tell = tellWaiting({ info: (text) => lines.push(text) });
  for (const text of ['a', 'b', 'a', 'a']) tell(text);
  expect(lines).toEqual(['a', 'b']);
});
