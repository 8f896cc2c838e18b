import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countBy } from '../../../../../platform/lib/count-by.ts';
import { parseTime } from '../../../../../platform/lib/parse-time.ts';
import { splitByTime } from '../../../../../platform/storage/lock/split-by-time.ts';

const fractions = [0.7, 0.15, 0.15] as const;
const order = { train: 0, validation: 1, test: 2, heldBack: 3 };
const day = (at: number) => new Date(86_400_000 * at).toISOString().slice(0, 10);
const counted = (texts: readonly string[]) =>
  Object.entries(countBy(texts, (text) => text)).map(([text, count]) => ({ text, count }));
const days = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 300 });

test('no row of an earlier split is newer than one of a later split, and equal times are together', () => {
  fc.assert(
    fc.property(days, (drawn) => {
      const splits = splitByTime(counted(drawn.map(day)), fractions);
      const places = [...splits].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, split]) => split);
      for (const [at, split] of places.entries()) {
        const next = places[at + 1];
        if (split && next) expect(order[split]).toBeLessThanOrEqual(order[next]);
      }
    }),
  );
});

test('the shares are met as far as equal times allow', () => {
  fc.assert(
    fc.property(days, (drawn) => {
      const splits = splitByTime(counted(drawn.map(day)), fractions);
      const trained = drawn.filter((at) => splits.get(day(at)) === 'train').length;
      const most = Math.max(...drawn.map((at) => drawn.filter((other) => other === at).length));
      expect(Math.abs(trained - 0.7 * drawn.length)).toBeLessThanOrEqual(most / 2 + 1e-9);
    }),
    { numRuns: 50 },
  );
});

test('newer rows put no earlier row into a later split than before', () => {
  fc.assert(
    fc.property(days, fc.integer({ min: 1, max: 100 }), (drawn, more) => {
      const newer = Array.from({ length: more }, (_, at) => 401 + at);
      const before = splitByTime(counted(drawn.map(day)), fractions);
      const after = splitByTime(counted([...drawn, ...newer].map(day)), fractions);
      for (const [time, split] of before) {
        const now = after.get(time);
        if (split && now) expect(order[now]).toBeLessThanOrEqual(order[split]);
      }
    }),
  );
});

test('holding rows back moves none towards training, and keeps the newest', () => {
  fc.assert(
    fc.property(days, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (drawn, heldBack) => {
      const before = splitByTime(counted(drawn.map(day)), fractions);
      const after = splitByTime(counted(drawn.map(day)), fractions, heldBack);
      for (const [time, split] of before) {
        const now = after.get(time);
        if (split && now) expect(order[now]).toBeGreaterThanOrEqual(order[split]);
      }
      const places = [...after].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
      const first = places.indexOf('heldBack');
      if (first >= 0) expect(new Set(places.slice(first))).toEqual(new Set(['heldBack']));
      const held = drawn.filter((at) => after.get(day(at)) === 'heldBack').length;
      const most = Math.max(...drawn.map((at) => drawn.filter((other) => other === at).length));
      expect(Math.abs(held - heldBack * drawn.length)).toBeLessThanOrEqual(most / 2 + 1e-9);
    }),
    { numRuns: 50 },
  );
});

test('newer rows bring what was held back into the test, and nothing the other way', () => {
  fc.assert(
    fc.property(days, fc.integer({ min: 1, max: 100 }), (drawn, more) => {
      const newer = Array.from({ length: more }, (_, at) => 401 + at);
      const before = splitByTime(counted(drawn.map(day)), fractions, 0.2);
      const after = splitByTime(counted([...drawn, ...newer].map(day)), fractions, 0.2);
      for (const [time, split] of before) {
        const now = after.get(time);
        if (split && now) expect(order[now]).toBeLessThanOrEqual(order[split]);
      }
    }),
  );
});

test('one time may be written in several ways', () => {
  const texts = ['2024-05-01 12:00', '2024-05-01T14:00:00+02:00', '2024-05-01T12:00Z', '2020'];
  expect(new Set(texts.slice(0, 3).map(parseTime)).size).toBe(1);
  const splits = splitByTime(counted(texts), [0.25, 0.25, 0.5]);
  expect(texts.map((text) => splits.get(text))).toEqual(['test', 'test', 'test', 'train']);
});

test.each([
  ['2024', Date.UTC(2024, 0)],
  ['1999-12', Date.UTC(1999, 11)],
  ['2024-02-29', Date.UTC(2024, 1, 29)],
  ['2024-02-29 23:59:59.5', Date.UTC(2024, 1, 29, 23, 59, 59, 500)],
  ['2023-02-29', null],
  ['2024-13', null],
  ['2024-01-01 25:00', null],
  ['1/2/2024', null],
  ['20240101', null],
  ['', null],
])('the time %j is read as %j', (text, expected) => {
  expect(parseTime(text)).toBe(expected);
});
