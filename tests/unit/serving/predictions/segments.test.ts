import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { openSegments } from '../../../../serving/predictions/segments.ts';
import { test } from '../../../helpers/folder.ts';

const kept = { bytes: 0, files: 0 };
/** The smallest log: segments of 16 KiB. */
const limits = { bytes: 64 * 1024, days: 3, kept };
const dayMs = 86_400_000;
const start = Date.UTC(2026, 10, 26, 12);

const segmentsIn = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

/** What `find` says that the files take. */
function diskBytes(folder: string): number {
  const out = execFileSync('find', [folder, '-type', 'f', '-printf', '%b\n'], { encoding: 'utf8' });
  return out.split('\n').reduce((sum, blocks) => sum + Number(blocks) * 512, 0);
}

const numbersIn = (paths: readonly string[]) =>
  paths.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line) => /^\{"n":(\d+),"x":"x*"\}$/.exec(line)?.[1] ?? [])
      .map(Number),
  );

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      model: fc.constantFrom('pumpkins', 'gourds'),
      sizes: fc.array(fc.integer({ min: 0, max: 7000 }), { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'restart' as const }) },
  // Killed in the middle of a line, by a number of bytes that were not written.
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('kill' as const), bytes: fc.nat({ max: 200 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'nextDay' as const }) },
);

test('whatever is appended, killed, restarted and expired, the bound holds and only the oldest and the torn are gone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), 'mainstem-segments-'));
      let segments = openSegments(folder, limits);
      let now = start;
      let next = 0;
      let last: string | undefined;
      /** Numbers whose line was torn by a kill. */
      const torn = new Set<number>();
      const appended = new Map<string, number[]>();
      try {
        for (const one of steps) {
          if (one.kind === 'nextDay') now += dayMs;
          if (one.kind === 'restart') segments = openSegments(folder, limits);
          if (one.kind === 'kill' && last) {
            const before = numbersIn([last]);
            const { length } = readFileSync(last);
            truncateSync(last, Math.max(0, length - one.bytes));
            const after = new Set(numbersIn([last]));
            for (const number of before) if (!after.has(number)) torn.add(number);
            segments = openSegments(folder, limits);
          }
          if (one.kind !== 'append') continue;
          const lines = one.sizes.map((size) => `{"n":${next++},"x":"${'x'.repeat(size)}"}`);
          const numbers = one.sizes.map((_, at) => next - one.sizes.length + at);
          appended.set(one.model, [...(appended.get(one.model) ?? []), ...numbers]);
          await segments.append(one.model, lines, new Date(now));
          const all = segmentsIn(folder);
          const newest = all.find((path) => numbersIn([path]).includes(next - 1));
          expect(newest, 'the newest line is there, whole').toBeDefined();
          last = newest;
          expect(diskBytes(folder)).toBeLessThanOrEqual(limits.bytes);
          expect(segments.storedBytes).toBe(diskBytes(folder));
          for (const path of all) expect(readFileSync(path).length).toBeLessThanOrEqual(16_384);
          const oldest = new Date(now - 3 * dayMs).toISOString().slice(0, 10);
          for (const path of all) expect((path.split('/').at(-1) ?? '') >= oldest).toBe(true);
        }
        const found = numbersIn(segmentsIn(folder));
        expect(new Set(found).size, 'no line twice').toBe(found.length);
        for (const numbers of appended.values()) {
          const oldest = Math.min(...numbers.filter((number) => found.includes(number)));
          const expected = numbers.filter((number) => number >= oldest && !torn.has(number));
          expect(numbers.filter((number) => found.includes(number))).toEqual(expected);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 25 },
  );
});

describe('a search', () => {
  test('finds the newest line that begins so, of that model only', async ({ folder }) => {
    const segments = openSegments(folder, limits);
    const now = new Date(start);
    await segments.append('pumpkins', ['{"id":"a","n":1}', '{"id":"a","n":2}'], now);
    await segments.append('gourds', ['{"id":"a","n":3}'], now);
    expect(await segments.findLast('pumpkins', '{"id":"a",')).toBe('{"id":"a","n":2}');
    expect(await segments.findLast('pumpkins', '{"id":"b",')).toBeNull();
    expect(await segments.findLast('melons', '{"id":"a",')).toBeNull();
  });

  test('does not take text within a line, or a torn line, for a line', async ({ folder }) => {
    const segments = openSegments(folder, limits);
    await segments.append('pumpkins', ['{"id":"a","row":{"id":"b","n":1}}'], new Date(start));
    const [path = ''] = segmentsIn(folder);
    appendFileSync(path, '{"id":"c","n":1');
    expect(await segments.findLast('pumpkins', '{"id":"b",')).toBeNull();
    expect(await segments.findLast('pumpkins', '{"id":"c",')).toBeNull();
  });

  test('by time reads only the days around it', async ({ folder }) => {
    const segments = openSegments(folder, { ...limits, days: 30 });
    for (const day of [0, 5]) {
      await segments.append('pumpkins', ['{"id":"a","n":1}'], new Date(start + day * dayMs));
    }
    const find = (time: number) => segments.findLast('pumpkins', '{"id":"a",', time);
    expect(await find(start + 1000)).toBe('{"id":"a","n":1}');
    expect(await find(start + 2.5 * dayMs)).toBeNull();
    expect(await find(start + 5.1 * dayMs)).toBe('{"id":"a","n":1}');
  });

  test('by time finds each of many segments of one day', async ({ folder }) => {
    const segments = openSegments(folder, { bytes: 1024 ** 2, days: 3, kept });
    const pad = 'x'.repeat(100_000);
    for (let n = 0; n < 6; n++) {
      await segments.append('pumpkins', [`{"id":"${n}","x":"${pad}"}`], new Date(start));
    }
    expect(segmentsIn(folder).length).toBeGreaterThan(1);
    for (let n = 0; n < 6; n++) {
      expect(await segments.findLast('pumpkins', `{"id":"${n}",`, start)).toContain(`"${n}"`);
    }
  });
});

test('files of others in the folder are neither counted nor removed', async ({ folder }) => {
  mkdirSync(join(folder, 'pumpkins'), { recursive: true });
  writeFileSync(join(folder, 'pumpkins', 'notes.txt'), 'mine');
  writeFileSync(join(folder, 'README'), 'mine');
  const segments = openSegments(folder, { ...limits, days: 1 });
  await segments.append('pumpkins', ['{"n":1}'], new Date(start));
  await segments.append('pumpkins', ['{"n":2}'], new Date(start + 9 * dayMs));
  expect(readdirSync(join(folder, 'pumpkins')).sort()).toEqual(['2026-12-05-1.jsonl', 'notes.txt']);
});

test('segments of models that serve no more count and grow old, too', async ({ folder }) => {
  await openSegments(folder, limits).append('melons', ['{"n":1}'], new Date(start));
  const segments = openSegments(folder, limits);
  await segments.expire(new Date(start));
  expect(segments.storedBytes).toBe(4096);
  await segments.expire(new Date(start + 4 * dayMs));
  expect(segments.storedBytes).toBe(0);
  expect(segmentsIn(folder)).toEqual([]);
});

test('a disk that is nearly full takes no line', async ({ folder }) => {
  const full = { bytes: Number.MAX_SAFE_INTEGER, files: 0 };
  const segments = openSegments(folder, { ...limits, kept: full });
  await expect(segments.append('pumpkins', ['{}'], new Date(start))).rejects.toThrow('nearly full');
  expect(segmentsIn(folder)).toEqual([]);
});
