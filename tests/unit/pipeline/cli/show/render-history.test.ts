import { expect, test } from 'vitest';
import { renderHistory, renderMerged } from '../../../../../pipeline/cli/show/render-history.ts';
import type { HistoryEntry } from '../../../../../platform/registry/index.ts';

const entry = (run: string, from: string, until: string | null): HistoryEntry => ({
  ...{
    run,
    from,
    until,
    kind: 'promotion',
    commit: '0'.repeat(40),
    author: 'Jen',
    subject: 'x',
    pointer: null,
  },
});
const all = [
  entry('bbbbbbbbbbbb', '2026-11-27T08:00:00Z', null),
  entry('aaaaaaaaaaaa', '2026-11-26T08:00:00Z', '2026-11-27T08:00:00Z'),
];
const shown = { name: 'plants', channel: 'production' };

test('a history is a line for each entry, and at a time the one that served then', () => {
  expect(renderHistory(all, shown).map((line) => line.slice(0, 12))).toEqual([
    'bbbbbbbbbbbb',
    'aaaaaaaaaaaa',
  ]);
  const then = renderHistory(all, { ...shown, at: '2026-11-26T12:00:00Z' });
  expect(then.map((line) => line.slice(0, 12))).toEqual(['aaaaaaaaaaaa']);
});

test('before the first promotion nothing served, which is not the same as no promotion', () => {
  expect(renderHistory(all, { ...shown, at: '2026-11-26' })).toEqual([
    'plants: nothing served at 2026-11-26T00:00:00.000Z; the first promotion was at 2026-11-26T08:00:00Z.',
  ]);
  expect(renderHistory([], { ...shown, at: '2099-01-01', channel: 'staging' })).toEqual([
    'plants: no committed promotion to staging.',
  ]);
  expect(renderHistory([], shown)).toEqual(['plants: no committed promotion.']);
});

test('promotions that merges brought in are one line, however many there are', () => {
  const merged = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      ...{ run: `${at}`.padStart(12, 'f'), commit: '0'.repeat(40), at: '2026-11-26T08:00:00Z' },
    }));
  expect(renderMerged([])).toEqual([]);
  expect(renderMerged(merged(1))).toEqual([expect.stringContaining(': fffffffffff0 (2026-11-26')]);
  expect(renderMerged(merged(7))).toEqual([expect.stringContaining(', 2 more. docs/merging.md')]);
});
