import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decideRetraining,
  type RetrainAttempt,
  type RetrainCause,
} from '../../../../pipeline/operations/decide-retraining.ts';

const hour = 3_600_000;
const known = ['pumpkins', 'penguins'];
const limits = { coolDownHours: 24, budget: 8 };
const alert = (fingerprint: string, now: number) =>
  ({ cause: 'alert', projects: ['pumpkins'], fingerprint, now }) as const;
const attempt = (at: number, fingerprint: string | null = null): RetrainAttempt => {
  return { project: 'pumpkins', at, cause: 'alert', fingerprint };
};

test.each([
  ['nothing was tried before', alert('a1', 0), [], true, 'Nothing speaks against it'],
  ['the same firing', alert('a1', 900 * hour), [attempt(0, 'a1')], false, 'answered before'],
  ['another firing too soon', alert('a2', 20 * hour), [attempt(0, 'a1')], false, '20 h ago'],
  ['another firing later', alert('a2', 24 * hour), [attempt(0, 'a1')], true, 'Nothing speaks'],
  [
    'a used-up budget',
    alert('b0', 240 * hour),
    Array.from({ length: 8 }, (_, day) => attempt(day * 24 * hour, `a${day}`)),
    ...([false, 'budget of 8'] as const),
  ],
] as const)('an alert with %s', (_, request, attempts, start, reason) => {
  const [decision] = decideRetraining(request, known, attempts, () => limits);
  expect(decision).toMatchObject({ project: 'pumpkins', start });
  expect(decision?.reason).toContain(reason);
});

const causes: readonly RetrainCause[] = ['schedule', 'person', 'alert'];
const events = fc.array(
  fc.record({
    hours: fc.integer({ min: 0, max: 60 }),
    cause: fc.constantFrom(...causes),
    project: fc.constantFrom('pumpkins', 'penguins', 'pears'),
    fingerprint: fc.constantFrom('aa', 'bb', 'cc', 'dd'),
  }),
  { maxLength: 60 },
);

/** Plays events one after another, as pull requests would remember them. */
function play(list: typeof events extends fc.Arbitrary<infer T> ? T : never) {
  const attempts: RetrainAttempt[] = [];
  let now = 0;
  for (const { hours, cause, project, fingerprint } of list) {
    now += hours * hour;
    const own = { cause, fingerprint: cause === 'alert' ? fingerprint : null };
    const request = { ...own, projects: [project], now };
    const [decision] = decideRetraining(request, known, attempts, () => limits);
    const obeyed = cause === 'person' && known.includes(project);
    if (obeyed && !decision?.start) throw new Error('a person was not obeyed');
    if (decision?.start) attempts.push({ project, at: now, ...own });
  }
  return attempts;
}

test('whatever happens: no unknown project, no firing twice, no automatic attempt within the cool-down or beyond the budget', () => {
  fc.assert(
    fc.property(events, (list) => {
      const attempts = play(list);
      for (const [index, { project, at, cause, fingerprint }] of attempts.entries()) {
        expect(known).toContain(project);
        if (cause === 'person') continue;
        const before = attempts.slice(0, index).filter((earlier) => earlier.project === project);
        if (fingerprint) expect(before.map((one) => one.fingerprint)).not.toContain(fingerprint);
        for (const earlier of before) expect(at - earlier.at).toBeGreaterThanOrEqual(24 * hour);
        const recent = before.filter((earlier) => at - earlier.at < 30 * 24 * hour);
        expect(recent.length).toBeLessThan(limits.budget);
      }
    }),
  );
});

test('a project is decided once, however often it is named, and independently of the others', () => {
  const request = { cause: 'schedule', fingerprint: null, now: 12 * hour } as const;
  const projects = ['pumpkins', 'penguins', 'pumpkins'];
  const decisions = decideRetraining({ ...request, projects }, known, [attempt(0)], () => limits);
  expect(decisions.map(({ project, start }) => [project, start])).toEqual([
    ['pumpkins', false],
    ['penguins', true],
  ]);
});
