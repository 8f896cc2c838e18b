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
import { createTrustedClock, timeShownBy } from '../../../../serving/predictions/trusted-clock.ts';
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
      let now = start;
      let opened = now;
      const open = () => {
        opened = now;
        return openSegments(folder, { ...limits, monotonic: () => now });
      };
      let segments = open();
      let next = 0;
      let last: string | undefined;
      /** Numbers whose line was torn by a kill. */
      const torn = new Set<number>();
      const appended = new Map<string, number[]>();
      try {
        for (const one of steps) {
          if (one.kind === 'nextDay') now += dayMs;
          if (one.kind === 'restart') segments = open();
          if (one.kind === 'kill' && last) {
            const before = numbersIn([last]);
            const { length } = readFileSync(last);
            truncateSync(last, Math.max(0, length - one.bytes));
            const after = new Set(numbersIn([last]));
            for (const number of before) if (!after.has(number)) torn.add(number);
            segments = open();
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
          // On the day of a start, what was written tells less of the time than the clock says.
          if (now === opened) continue;
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
  let now = start;
  const segments = openSegments(folder, { ...limits, days: 1, monotonic: () => now });
  await segments.append('pumpkins', ['{"n":1}'], new Date(now));
  now += 9 * dayMs;
  await segments.append('pumpkins', ['{"n":2}'], new Date(now));
  expect(readdirSync(join(folder, 'pumpkins')).sort()).toEqual(['2026-12-05-1.jsonl', 'notes.txt']);
});

test('segments of models that serve no more count and grow old, too', async ({ folder }) => {
  await openSegments(folder, limits).append('melons', ['{"n":1}'], new Date(start));
  let now = start;
  const segments = openSegments(folder, { ...limits, monotonic: () => now });
  await segments.expire(new Date(now));
  expect(segments.storedBytes).toBe(4096);
  now += 4 * dayMs;
  await segments.expire(new Date(now));
  expect(segments.storedBytes).toBe(0);
  expect(segmentsIn(folder)).toEqual([]);
});

describe('by a clock that is ahead', () => {
  const line = ['{"n":1}'];
  const daysIn = (folder: string) =>
    segmentsIn(folder)
      .map((path) => (path.split('/').at(-1) ?? '').slice(0, 10))
      .sort();

  test('nothing is removed while the server runs, nor after another start, and all is as before when it is set right', async ({
    folder,
  }) => {
    let ran = 0;
    const open = () => openSegments(folder, { ...limits, monotonic: () => ran });
    const time = (days: number) => new Date(start + ran + days * dayMs);
    let segments = open();
    for (; ran < 3 * dayMs; ran += dayMs) await segments.append('pumpkins', line, time(0));
    const before = daysIn(folder);
    expect(before).toEqual(['2026-11-26', '2026-11-27', '2026-11-28']);

    await segments.expire(time(0));
    await segments.append('pumpkins', line, time(30));
    segments = open();
    ran += dayMs / 4;
    await segments.append('pumpkins', line, time(30));
    await segments.expire(time(400));
    expect(daysIn(folder)).toEqual(expect.arrayContaining(before));
    await segments.append('pumpkins', line, time(0));
    ran += 2 * dayMs;
    await segments.expire(time(0));
    expect(daysIn(folder)).toEqual(['2026-11-28', '2026-11-29', '2026-12-29']);
  });

  test('what is too old by it is removed once it has been so for a day', async ({ folder }) => {
    let ran = 0;
    const segments = openSegments(folder, { ...limits, monotonic: () => ran });
    await segments.append('pumpkins', line, new Date(start));
    const ahead = new Date(start + 30 * dayMs);
    ran = dayMs - 1;
    await segments.expire(ahead);
    expect(daysIn(folder)).toEqual(['2026-11-26']);
    ran = dayMs;
    await segments.expire(ahead);
    expect(daysIn(folder)).toEqual([]);
  });
});

test('however a clock is set, nothing is believed that is later than it, or that has not passed for a day', () => {
  const hour = 3_600_000;
  const look = fc.record({
    hours: fc.integer({ min: 0, max: 5 }),
    error: fc.integer({ min: -9000, max: 9000 }),
  });
  fc.assert(
    fc.property(fc.array(look, { minLength: 1, maxLength: 4 }), (looks) => {
      let ran = 0;
      const read = createTrustedClock(() => ran);
      // All within a day: what the clock says wrongly is not believed.
      for (const { hours, error } of looks) {
        ran += hours * hour;
        const clock = start + ran + error * hour;
        const believed = read(clock, () => start);
        expect(believed).toBeLessThanOrEqual(clock);
        // An hour is what two looks at the clocks may differ.
        expect(believed).toBeLessThanOrEqual(start + ran + looks.length * hour);
      }
      ran += 24 * hour;
      read(start + ran, () => start);
      expect(read(start + ran, () => start)).toBe(start + ran);
    }),
  );
});

test.for([
  { days: [], shown: null },
  { days: ['2026-11-26'], shown: '2026-11-27' },
  { days: ['2026-11-26', '2026-11-25', '2026-11-26'], shown: '2026-11-26' },
  { days: ['2026-12-26', '2026-11-26', '2026-11-25'], shown: '2026-11-27' },
])('what was written on $days shows that it is $shown', ({ days, shown }) => {
  expect(timeShownBy(days)).toBe(shown === null ? null : Date.parse(shown));
});

test('a disk that is nearly full takes no line', async ({ folder }) => {
  const full = { bytes: Number.MAX_SAFE_INTEGER, files: 0 };
  const segments = openSegments(folder, { ...limits, kept: full });
  await expect(segments.append('pumpkins', ['{}'], new Date(start))).rejects.toThrow('nearly full');
  expect(segmentsIn(folder)).toEqual([]);
});
