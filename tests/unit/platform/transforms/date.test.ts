import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDay, partOf } from '../../../../platform/transforms/index.ts';

const day = fc.date({
  min: new Date('0001-01-01T00:00Z'),
  max: new Date('9999-12-31T00:00Z'),
  noInvalidDate: true,
});

test('a day is read back with the year, month and weekday that the calendar gives it, from the year 1 on', () => {
  fc.assert(
    fc.property(day, (date) => {
      const found = parseDay(date.toISOString().slice(0, 10));
      expect(found).toBe(Math.floor(date.getTime() / 86_400_000));
      expect(partOf(found ?? 0, 'year')).toBe(date.getUTCFullYear());
      expect(partOf(found ?? 0, 'month')).toBe(date.getUTCMonth() + 1);
      expect(partOf(found ?? 0, 'weekday')).toBe(date.getUTCDay());
    }),
  );
});

test.each([
  '2023-02-29',
  '2024-13-01',
  '2024-00-10',
  '2024-1-2',
  '03/04/2026',
  '2024',
  '',
  '2024-01-01x',
  '2024-01-01T24:01',
  '2024-01-01T25:00:00',
  '2024-01-01T10:60',
  '2024-01-01 10:00:61',
  '2024-01-01 10:00:99.5Z',
  '2024-01-01T99:99',
  '2024-01-01T10:000',
])('"%s" is not a day', (cell) => {
  expect(parseDay(cell)).toBeNull();
});

test.each([
  '2024-01-01T00:00',
  '2024-01-01 23:59:60',
  '2024-01-01T24:00',
  '2024-01-01T24:00:00',
  '2024-01-01T10:00:07.123456Z',
  '2024-01-01 10:00+02:00',
  '2024-01-01 10:00:00 CET',
  '2024-01-01 10:00 PM',
])('"%s" is the first day of 2024', (cell) => {
  expect(parseDay(cell)).toBe(19_723);
});
