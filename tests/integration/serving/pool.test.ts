import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPool, type Pool } from '../../../serving/inference/pool.ts';

const read = (name: string) =>
  readFile(new URL(`../../fixtures/models/${name}.onnx`, import.meta.url));
const rows = (...values: number[]) => new Float32Array(values);
let pool: Pool | undefined;
/** Every thread that was started, and what is done to one at once. */
const threads: Worker[] = [];
let atStart: ((thread: Worker) => void) | undefined;
const note = (thread: Worker) => {
  threads.push(thread);
  atStart?.(thread);
};

beforeEach(() => {
  threads.length = 0;
  atStart = undefined;
  process.on('worker', note);
});
afterEach(async () => {
  process.off('worker', note);
  await pool?.close();
});

async function start(workers: number, queue = 100): Promise<Pool> {
  const models = [
    { name: 'table', onnx: await read('table') },
    { name: 'colours', onnx: await read('colours') },
  ];
  pool = createPool({ models }, { workers, queue });
  await pool.ready();
  return pool;
}

test('returns logits and embedding, and takes over the input’s memory', async () => {
  const pool = await start(1);
  const input = rows(1, 1, 0, 2, 0, 1);
  const { output, embedding } = await pool.run('table', input, [2, 3]);
  expect([...output]).toEqual([3, -2, 4, -3]);
  expect([...embedding]).toEqual([1, 1, 0, 2, 0, 1]);
  expect(input.length).toBe(0);
});

test('many batches over few threads each return to their caller', async () => {
  const pool = await start(2);
  const values = Array.from({ length: 60 }, (_, index) => index);
  const results = await Promise.all(
    values.map((value) => pool.run('table', rows(value, 0, 0), [1, 3])),
  );
  expect(results.map(({ output }) => output[0])).toEqual(values.map((value) => value * 2));
});

test('a batch that the model cannot take fails without affecting others', async () => {
  const pool = await start(1);
  await expect(pool.run('table', rows(1, 2), [1, 2])).rejects.toMatchObject({
    code: 'SERVING_WORKER_FAILED',
  });
  await expect(pool.run('table', rows(1, 0, 0), [1, 3])).resolves.toBeDefined();
});

test('a full queue rejects further batches instead of growing', async () => {
  const pool = await start(1, 2);
  const asked = [1, 2, 3, 4, 5].map((value) => pool.run('table', rows(value, 0, 0), [1, 3]));
  const settled = await Promise.allSettled(asked);
  expect(settled.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
  ]);
  expect(settled.at(-1)).toMatchObject({ reason: { code: 'SERVING_BUSY' } });
});

test('bytes that are not a model are an error at start', async () => {
  const models = [{ name: 'broken', onnx: Buffer.from('no model') }];
  const broken = createPool({ models }, { workers: 2, queue: 1 });
  await expect(broken.ready()).rejects.toMatchObject({
    code: 'SERVING_WORKER_FAILED',
  });
});

test('a signal that outlives its batches is listened to only while they wait or are computed', async () => {
  const pool = await start(1);
  const { signal } = new AbortController();
  const ask = (...values: number[]) =>
    pool.run('table', rows(...values), [1, values.length], signal);
  const asked = [ask(1, 0, 0), ask(2, 0, 0), ask(1, 2)];
  expect(getEventListeners(signal, 'abort')).toHaveLength(3);
  await Promise.allSettled(asked);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('closing a pool fails the waiting batches', async () => {
  const pool = await start(1);
  const asked = [1, 2, 3].map((value) => pool.run('table', rows(value, 0, 0), [1, 3]));
  const settled = Promise.allSettled(asked);
  await pool.close();
  const last = (await settled).at(-1);
  expect(last).toMatchObject({ reason: { code: 'SERVING_WORKER_FAILED' } });
});

test('a pool that is closed while its threads compute, or load, ends them and not the process', async () => {
  const closing = new URL('../../helpers/close-pools.ts', import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [closing.pathname, '20']);
  // Each pool was computing two batches, which were answered, while four waited.
  const { answered, refused } = JSON.parse(stdout);
  expect(answered + refused).toBe(120);
  expect(answered).toBeGreaterThanOrEqual(40);
  expect(refused).toBeGreaterThan(0);
});

test('the event loop stays free while a thread computes', async () => {
  const pool = await start(1);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const batch = 20_000;
  const input = new Float32Array(batch * 16 * 16 * 3);
  delay.enable();
  const { seconds } = await pool.run('colours', input, [batch, 16, 16, 3]);
  delay.disable();
  expect(delay.max / 1e9).toBeLessThan(Math.max(seconds, 0.05));
});

test('a model is loaded and unloaded on every thread while others compute, and again at once', async () => {
  const pool = await start(2);
  const regression = await read('regression');
  const busy = Array.from({ length: 40 }, (_, at) => pool.run('table', rows(at, 0, 0), [1, 3]));
  await pool.load('regression', regression, [1, 3]);
  const unloaded = pool.unload('regression');
  await pool.load('regression', regression, [1, 3]);
  await unloaded;
  const answers = Array.from({ length: 8 }, () => pool.run('regression', rows(1, 0, 0), [1, 3]));
  for (const { output } of await Promise.all(answers)) expect([...output]).toEqual([60]);
  await expect(Promise.all(busy)).resolves.toHaveLength(40);
  await pool.unload('regression');
  await expect(pool.run('regression', rows(1, 0, 0), [1, 3])).rejects.toMatchObject({
    code: 'SERVING_WORKER_FAILED',
  });
});

test('a model that cannot take its own inputs is loaded nowhere', async () => {
  const pool = await start(2);
  const load = pool.load('regression', await read('regression'), [1, 5]);
  await expect(load).rejects.toMatchObject({ code: 'SERVING_WORKER_FAILED' });
  await expect(pool.run('table', rows(1, 0, 0), [1, 3])).resolves.toBeDefined();
});

test('a thread that is killed loses the batch it computes at most, and another takes its place', async () => {
  const pool = await start(2);
  const asked = Array.from({ length: 60 }, (_, at) => pool.run('table', rows(at, 0, 0), [1, 3]));
  const settled = Promise.allSettled(asked);
  // What no thread can read ends it by its own error; terminated while it computes, it would abort this process.
  for (const thread of threads) thread.postMessage(null);
  const lost = (await settled).filter(({ status }) => status === 'rejected');
  expect(lost.length).toBeLessThanOrEqual(2);
  for (const one of lost) expect(one).toMatchObject({ reason: { code: 'SERVING_WORKER_FAILED' } });
  await expect.poll(() => threads.length, { timeout: 15_000 }).toBe(4);
  await expect(pool.run('table', rows(1, 0, 0), [1, 3])).resolves.toBeDefined();
  expect(pool.alive).toBe(true);
});

test('threads that cannot be started are tried again, and nobody waits for them forever', async () => {
  const pool = await start(1);
  let failures = 0;
  atStart = (thread) => {
    failures += 1;
    if (failures <= 3) void thread.terminate();
  };
  await threads[0]?.terminate();
  await expect(pool.run('table', rows(1, 0, 0), [1, 3])).rejects.toMatchObject({
    code: 'SERVING_WORKER_FAILED',
  });
  expect(pool.alive).toBe(false);
  await expect.poll(() => pool.alive, { timeout: 15_000 }).toBe(true);
  expect(failures).toBe(4);
  const { output } = await pool.run('table', rows(1, 0, 0), [1, 3]);
  expect(output[0]).toBe(2);
});
