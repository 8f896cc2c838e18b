import { readFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import {
  type CompiledKernels,
  instantiateKernels,
  kernelsFile,
} from '../../../../pipeline/backends/wasm/compiled.ts';
import {
  countThreads,
  leavesProcessors,
} from '../../../../pipeline/backends/wasm/count-threads.ts';
import { shareMemory } from '../../../../pipeline/backends/wasm/share-memory.ts';
import { openTeam } from '../../../../pipeline/backends/wasm/team.ts';
import { isMainstemError } from '../../../../platform/lib/errors.ts';

const module = await WebAssembly.compile(shareMemory(await readFile(kernelsFile())));
const much = 1e9;
/** Rows of four values each: y = x + row. */
const rows = 64;
const columns = 4;

/** Memory with x = 0, 1, 2 … and a row of ones, and the arguments of `addRow` on them. */
async function layOut() {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
  const kernels = await instantiateKernels(module, memory);
  const values = new Float32Array(memory.buffer);
  const count = rows * columns;
  for (let at = 0; at < count; at++) values[at] = at;
  values.fill(1, count, count + columns);
  const y = count + columns;
  const job = {
    ...{ kernel: 'addRow' as const, units: rows },
    values: [0, 4 * count, 4 * y, columns, -Infinity],
  };
  return { memory, kernels, job, y: values.subarray(y, y + count) };
}

const expected = Array.from({ length: rows * columns }, (_, at) => at + 1);

const patienceMs = 60_000;

/** The kernels, of which `addRow` waits in this thread until another thread has written something of `y`. */
function waitForOthers(kernels: CompiledKernels, y: Float32Array): CompiledKernels {
  const end = performance.now() + patienceMs;
  return {
    ...kernels,
    addRow(...values) {
      while (y.every((value) => value === 0)) {
        if (performance.now() > end) expect.unreachable('no other thread did anything');
      }
      kernels.addRow(...values);
    },
  };
}

test('the threads of a team do parts of a job that the calling thread is not done with', async () => {
  const { memory, kernels, job, y } = await layOut();
  const onFailure = vi.fn<(reason: string) => void>();
  const team = openTeam(2, waitForOthers(kernels, y), { module, memory }, onFailure);
  team.run(job, much);
  expect([...y]).toEqual(expected);
  expect(onFailure).not.toHaveBeenCalled();
});

test('a team does one job after another, each of them whole, while its memory grows', async () => {
  const { memory, kernels, job, y } = await layOut();
  const team = openTeam(3, kernels, { module, memory }, (reason) => expect.unreachable(reason));
  for (let turn = 0; turn < 500; turn++) {
    y.fill(0);
    if (turn % 100 === 0) memory.grow(1);
    team.run(job, much);
    expect(y.findIndex((value, at) => value !== at + 1)).toBe(-1);
  }
});

test('where threads cannot start the calling thread does everything, and the reason is reported', async () => {
  const { kernels, job, y } = await layOut();
  const small = new WebAssembly.Memory({ initial: 0, maximum: 1, shared: true });
  const { promise, resolve } = Promise.withResolvers<string>();
  const team = openTeam(2, kernels, { module, memory: small }, resolve);
  team.run(job, much);
  expect([...y]).toEqual(expected);
  expect(await promise).toContain('memory');
});

test('a kernel that fails ends the job with an error, and the next job is done', async () => {
  const { memory, kernels, job, y } = await layOut();
  const team = openTeam(2, kernels, { module, memory }, (reason) => expect.unreachable(reason));
  const beyond = { ...job, values: [2 ** 31, ...job.values.slice(1)] };
  expect(() => team.run(beyond, much)).toThrow('addRow');
  team.run(job, much);
  expect([...y]).toEqual(expected);
});

test('what costs little, or is one unit, is done by the calling thread without the others', async () => {
  const { memory, kernels, job, y } = await layOut();
  const ranges: number[][] = [];
  const watched: CompiledKernels = {
    ...kernels,
    addRow(...values) {
      ranges.push(values.slice(0, 2));
      kernels.addRow(...values);
    },
  };
  const team = openTeam(2, watched, { module, memory }, (reason) => expect.unreachable(reason));
  team.run(job, 1);
  team.run({ ...job, units: 1 }, much);
  team.run({ ...job, units: 0 }, much);
  expect(ranges).toEqual([
    [0, rows],
    [0, 1],
  ]);
  expect([...y]).toEqual(expected);
});

test('the number of threads is what the environment says, and otherwise that of the processors', () => {
  expect(countThreads({ MAINSTEM_THREADS: '3' })).toBe(3);
  for (const unset of [{}, { MAINSTEM_THREADS: '' }]) {
    expect(countThreads(unset)).toBeGreaterThanOrEqual(1);
    expect(countThreads(unset)).toBeLessThanOrEqual(8);
  }
});

test('processors are left beyond the usual number of threads, unless somebody has shared them out', () => {
  for (const unset of [{}, { MAINSTEM_THREADS: '' }])
    expect([1, 8, 9, 64].map((count) => leavesProcessors(unset, count))).toEqual([
      ...[false, false, true, true],
    ]);
  expect(leavesProcessors({ MAINSTEM_THREADS: '1' }, 64)).toBe(false);
});

test.each(['0', '65', '-1', '1.5', 'two', ' 2'])('"%s" is not a number of threads', (asked) => {
  try {
    countThreads({ MAINSTEM_THREADS: asked });
    expect.unreachable('it was taken');
  } catch (error) {
    expect(isMainstemError(error) && error.code).toBe('BACKEND_UNAVAILABLE');
    expect(String(error)).toContain('MAINSTEM_THREADS');
  }
});
