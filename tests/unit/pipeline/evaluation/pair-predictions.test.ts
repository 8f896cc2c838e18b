import { expect, test } from 'vitest';
import { pairPredictions } from '../../../../pipeline/evaluation/pair-predictions.ts';
import { diffFiles } from '../../../../platform/storage/lock/diff.ts';
import { classes, predictions } from '../../../fixtures/reports.ts';

const none = () => false;

test('equal examples are paired in the order of their ids', () => {
  const equal = predictions(9, none).filter(({ label }) => label === classes[0]);
  const rows = equal.map((one) => ({ ...one, digest: equal[0]?.digest ?? one.digest }));
  const { pairs, onlyChampion } = pairPredictions(rows.slice(1), rows.toReversed(), classes);
  expect(pairs.map(({ candidate }) => candidate.id)).toEqual(rows.slice(1).map(({ id }) => id));
  expect(pairs.map(({ champion }) => champion.id)).toEqual(rows.slice(0, 2).map(({ id }) => id));
  expect(onlyChampion).toBe(1);
});

test('hundreds of thousands of equal rows are paired at once', () => {
  const rows = predictions(1, none).flatMap((one) => new Array<typeof one>(300_000).fill(one));
  const { pairs, onlyChampion } = pairPredictions(rows.slice(1), rows, classes);
  expect([pairs.length, onlyChampion]).toEqual([rows.length - 1, 1]);
});

test('files that are alike are paired at once, and in their order', () => {
  const [row] = predictions(1, none);
  const list = (label: string) =>
    Array.from({ length: 60_000 }, (_, at) => ({
      ...{ path: `${at}/${label}/a.jpg`, digest: row?.digest ?? 'sha256:', bytes: 1 },
    }));
  const { relabelled, added, removed } = diffFiles(list('good'), list('bad'));
  expect([relabelled.length, added.length, removed.length]).toEqual([60_000, 0, 0]);
  expect(relabelled[7]).toEqual({ from: '7/good/a.jpg', to: '7/bad/a.jpg' });
});
