import { expect, test } from 'vitest';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import { packMarks } from '../../../../platform/lib/mark-set.ts';
import { findHeldBackFaults, withLooks } from '../../../../platform/registry/index.ts';
import type { HeldBackFigures, HeldBackLook } from '../../../../platform/schemas/index.ts';

const set = digestBytes('these examples');
const [ours, others] = ['111111111111', '222222222222'];
const marksOf = (...examples: readonly string[]) => packMarks(examples);
const marks = marksOf('a', 'b', 'c');
const figures: HeldBackFigures = {
  ...{ set, marks, examples: 40, comparison: null, gates: [] },
  metrics: [{ name: 'accuracy', value: 0.9, low: 0.77, high: 0.96 }],
};
const look = (run: string, of = set, marked = marks): HeldBackLook => ({
  ...{ version: 1, model: 'gourds', run, set: of, examples: 40, marks: marked },
});
const otherSet = digestBytes('other examples');
const looks = [look(ours), look(others), look('333333333333', otherSet, marksOf('x', 'y'))];

test('looks are counted by model and by what they share: the same model again is no other look', () => {
  expect(withLooks(figures, [], ours).looks).toBe(1);
  expect(withLooks(figures, looks, ours).looks).toBe(2);
  expect(withLooks(figures, looks, '444444444444').looks).toBe(3);
});

test('a look at another set counts if one example is in both, or if its note does not say which examples they were', () => {
  const shared = look('333333333333', otherSet, marksOf('x', 'c'));
  expect(withLooks(figures, [look(ours), shared], ours).looks).toBe(2);
  const { marks: _, ...silent } = look('333333333333', otherSet);
  expect(withLooks(figures, [look(ours), silent], ours).looks).toBe(2);
});

test('a pointer does not repeat the marks that stand in the note', () => {
  expect(withLooks(figures, looks, ours)).not.toHaveProperty('marks');
});

test('a pointer that says what was measured has no fault, also after others have looked', () => {
  const heldBack = withLooks(figures, [], ours);
  expect(findHeldBackFaults({ run: ours, heldBack }, figures, looks)).toEqual([]);
});

test.each([
  ['nothing', undefined, looks, 'says nothing of the examples'],
  ['another set', { set: digestBytes('x') }, looks, 'was measured on other held-back examples'],
  [
    'another value',
    { metrics: [{ name: 'accuracy', value: 0.95, low: null, high: null }] },
    looks,
    'states another held-back accuracy',
  ],
  ['a metric less', { metrics: [] }, looks, 'states another held-back accuracy'],
  [
    'another interval',
    { metrics: [{ name: 'accuracy', value: 0.9, low: 0.89, high: 0.96 }] },
    looks,
    'states another held-back accuracy',
  ],
  [
    'an invented gate',
    { gates: [{ gate: 'accuracy', passed: true, message: 'accuracy 0.9 ≥ 0.8' }] },
    looks,
    'states other held-back gates',
  ],
  [
    'an invented comparison',
    {
      comparison: {
        ...{ champion: others, verdict: 'better' as const, reason: '30 fixed, 0 broken' },
        ...{ examples: 40, seen: 0, metrics: [] },
      },
    },
    looks,
    'states other held-back figures of the comparison',
  ],
  ['no look at all', { looks: 0 }, looks, 'counts no look'],
  ['more looks than are noted', { looks: 9 }, looks, 'counts 9 looks, but 2 are noted'],
  ['no note of its own look', {}, [look(others)], 'has no note in held-back/'],
  [
    'a note of other examples under its own name',
    {},
    [look(ours, set, marksOf('x'))],
    'has a note in held-back/ that marks other examples',
  ],
])('a pointer with %s has a fault', (_, changed, noted, fault) => {
  const heldBack = changed && { ...withLooks(figures, [], ours), ...changed };
  const pointer = { run: ours, ...(heldBack && { heldBack }) };
  expect(findHeldBackFaults(pointer, figures, noted)[0]).toContain(fault);
});

test('a model that is refused now has a fault, whatever its pointer says', () => {
  const gates = [{ gate: 'accuracy', passed: false, message: 'shown to be below 95 %' }];
  const heldBack = withLooks(figures, [], ours);
  expect(findHeldBackFaults({ run: ours, heldBack }, { ...figures, gates }, looks)).toEqual([
    'is refused by what is held back: shown to be below 95 %',
  ]);
});
