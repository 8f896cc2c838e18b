import { expect, test } from 'vitest';
import { limitStage } from '../../../../pipeline/engine/limit-stage.ts';

const never = new AbortController().signal;

test('without limits nothing is stopped, and the caller can stop it', () => {
  const outer = new AbortController();
  const limit = limitStage('train', {}, outer.signal);
  limit.onMemory(1e15);
  expect(limit.signal.aborted).toBe(false);
  outer.abort(new Error('enough'));
  expect(limit.signal.reason).toEqual(new Error('enough'));
});

test('a stage that holds more memory than its project allows is stopped, and told by how much', () => {
  const limit = limitStage('train', { memoryMb: 500 }, never);
  limit.onMemory(500e6);
  expect(limit.signal.aborted).toBe(false);
  limit.onMemory(501e6);
  expect(limit.signal.reason).toMatchObject({
    code: 'STAGE_LIMIT',
    message:
      'Stage train was stopped: it took 501 MB of memory, and project.ts limits it to memoryMb: 500.',
  });
});

test('a stage that takes longer than its project allows is stopped', async () => {
  const limit = limitStage('train', { minutes: 0.02 / 60 }, never);
  // Its own clock does not keep a process alive.
  const alive = setInterval(() => {}, 10);
  await expect.poll(() => limit.signal.aborted).toBe(true);
  clearInterval(alive);
  expect(limit.signal.reason).toMatchObject({ code: 'STAGE_LIMIT' });
});

test('a stage that ends in time is not stopped later', async () => {
  const limit = limitStage('train', { minutes: 0.02 / 60 }, never);
  limit.end();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(limit.signal.aborted).toBe(false);
});

test('a limit of more days than a timer can wait for does not stop a stage at once', async () => {
  const limit = limitStage('train', { minutes: 30 * 24 * 60 }, never);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(limit.signal.aborted).toBe(false);
  limit.end();
});
