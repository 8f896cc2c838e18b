import { describe, expect, test } from 'vitest';
import {
  assertMachine,
  assertSpace,
  findTools,
  type Machine,
  spaceFor,
  thisMachine,
} from '../../../../../pipeline/operations/backends/assert-installable.ts';
import { nativeParts } from '../../../../../pipeline/operations/backends/parts.ts';

const machine: Machine = {
  ...{ platform: 'linux', architecture: 'x64', glibc: '2.36', noGpu: null },
  environment: process.env,
};
const signal = new AbortController().signal;

test('a machine that nothing is wrong with may install both', () => {
  assertMachine('tensorflow', machine);
  assertMachine('tensorflow-gpu', machine);
  assertMachine('tensorflow', { ...machine, glibc: '2.27' });
});

describe('a machine where no installation can help: the error says why', () => {
  test.for<[Partial<Machine>, string]>([
    [{ platform: 'darwin', architecture: 'arm64' }, 'this is darwin on arm64'],
    [{ architecture: 'arm64' }, 'this is linux on arm64'],
    [{ glibc: undefined }, 'this Linux has another one'],
    [{ glibc: '2.26' }, 'this is 2.26'],
    [{ glibc: '1.99' }, 'this is 1.99'],
    [{ noGpu: 'this machine has no NVIDIA driver' }, 'no NVIDIA driver'],
  ])('%j: %s', ([facts, words]) => {
    expect(() => assertMachine('tensorflow-gpu', { ...machine, ...facts })).toThrowError(
      expect.objectContaining({
        code: 'BACKEND_UNSUPPORTED',
        message: expect.stringContaining(words),
      }),
    );
  });
});

test('a GPU is not asked for by the backend of the processor', () => {
  assertMachine('tensorflow', { ...machine, noGpu: 'this machine has no NVIDIA driver' });
});

test('this machine is described by what Node says of it', () => {
  expect(thisMachine()).toMatchObject({ platform: process.platform, architecture: process.arch });
});

test('what is needed and missing is named with a way to install it, before anything is downloaded', async () => {
  const bare = { ...machine, environment: { PATH: '/nowhere' } };
  await expect(findTools('tensorflow', bare, signal)).rejects.toMatchObject({
    code: 'BACKEND_TOOL_MISSING',
    message: expect.stringContaining('Python with pip'),
    hint: expect.stringContaining('apt-get install python3-pip'),
  });
});

test('the space is asked for beforehand, with the most that an installation takes for a while', async () => {
  const needed = spaceFor(nativeParts.tensorflow);
  expect(needed).toBeGreaterThan(1_100_000_000);
  expect(spaceFor(nativeParts['tensorflow-gpu'])).toBeGreaterThan(5_000_000_000);
  await assertSpace('/', nativeParts.tensorflow, async () => needed);
  const short = assertSpace('/', nativeParts.tensorflow, async () => needed - 1);
  await expect(short).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringMatching(/needs 1\.\d+ GB of disk, and/),
  });
});

test('every part is pinned by version and digest', () => {
  for (const { wheels, packages, tensorflow } of Object.values(nativeParts)) {
    expect(wheels[0]?.version).toBe(tensorflow);
    for (const { sha256, bytes, unpacked } of wheels) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(Math.min(bytes, unpacked)).toBeGreaterThan(100_000);
    }
    for (const { integrity, version } of packages) {
      expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  }
});
