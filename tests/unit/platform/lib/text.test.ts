import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { evenly } from '../../../../platform/lib/evenly.ts';
import {
  abbreviate,
  cutMiddle,
  listSome,
  renderBytes,
  showName,
} from '../../../../platform/lib/text.ts';

test.each([
  [0, '0 B'],
  [78, '78 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [45_678, '45.7 kB'],
  [999_949, '1 MB'],
  [1_234_567, '1.23 MB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(renderBytes(bytes)).toBe(text);
});

test('bytes as text are right to half a percent', () => {
  const powers = { B: 0, kB: 1, MB: 2, GB: 3, TB: 4 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999e12 }), (bytes) => {
      const [value = '', unit = ''] = renderBytes(bytes).split(' ');
      const [, power = Number.NaN] = Object.entries(powers).find(([name]) => name === unit) ?? [];
      expect(Math.abs(Number(value) * 1000 ** power - bytes)).toBeLessThanOrEqual(0.0051 * bytes);
    }),
  );
});

test('digests and commits are named by their first 12 digits', () => {
  expect(abbreviate(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123456789ab');
  expect(abbreviate('7df25d3aaaaaaaaaaaaa')).toBe('7df25d3aaaaa');
});

test('a sample is evenly spaced, in order, and all of it if there is little', () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.integer({ min: 1, max: 300 }), (count, limit) => {
      const values = Array.from({ length: count }, (_, index) => index);
      const sample = evenly(values, limit);
      expect(sample).toHaveLength(Math.min(count, limit));
      const steps = sample.slice(1).map((value, index) => value - (sample[index] ?? 0));
      if (steps.length > 0) expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
    }),
  );
});

test('a name in a message is one short line, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
      const shown = showName(name, 20);
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(
        shown.replaceAll(/\\(?:u[\da-f]{4}|x[\da-f]{2}|[nrt])/g, '.').length,
      ).toBeLessThanOrEqual(20);
    }),
  );
  expect(showName('Adelie')).toBe('Adelie');
});

test('of many things the first are listed, and how many there are besides', () => {
  expect(listSome([])).toBe('');
  expect(listSome(['a', 'b'], { most: 2 })).toBe('a, b');
  const many = Array.from({ length: 12_003 }, (_, at) => `c${at}`);
  expect(listSome(many, { most: 3, between: '; ' })).toBe('c0; c1; c2 and 12,000 more');
});

test('of what a program said at length, the beginning and the end are kept', () => {
  const said = fc.record({
    text: fc.string({ unit: 'binary' }),
    most: fc.integer({ min: 3, max: 60 }),
  });
  fc.assert(
    fc.property(said, ({ text, most }) => {
      const cut = cutMiddle(text, most);
      const [begin, end] = [Math.ceil((most - 1) / 2), Math.floor((most - 1) / 2)];
      const kept = `${text.slice(0, begin).toWellFormed()}…${text.slice(-end).toWellFormed()}`;
      expect(cut).toBe(text.length > most ? kept : text);
      expect(cut.length).toBeLessThanOrEqual(Math.max(most, text.length));
    }),
  );
  const { message } = new MainstemError('GIT_FAILED', {
    command: 'commit',
    reason: `${'e'.repeat(1e6)}\nBlocked: add a ticket`,
  });
  expect(message).toContain('Blocked: add a ticket');
});

test('a message stays one that people read, whatever it repeats', () => {
  for (const detail of ['names', 'reason', 'summary']) {
    const { message, hint } = new MainstemError('INIT_LABEL_UNKNOWN', {
      ...{ from: 'a.csv', label: 'x', names: 'b', [detail]: 'x'.repeat(1e6) },
    });
    expect(message.length + hint.length).toBeLessThan(20_000);
  }
});
