import fc from 'fast-check';
import { Check } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import type { GateFacts, GateKind, GateScope } from '../../platform/quality/index.ts';

/** What the suite needs of a kind of gate: how to write one, and facts in which it is met or missed. */
export interface GateUnderTest {
  readonly kind: GateKind;
  readonly gate: (limit: number) => unknown;
  /** Facts in which the number that the gate judges is this. */
  readonly facts: (value: number) => GateFacts;
  /** Values and limits as they occur. */
  readonly numbers: fc.Arbitrary<number>;
  readonly passes: (value: number, limit: number) => boolean;
  /** A value, the limit, and the least step from it that a message can show. */
  readonly limit: number;
  readonly step: number;
  /** How the message shows a value and a limit. */
  readonly shown: (value: number) => string;
  /** Facts by which nothing can be judged, and what the message says. */
  readonly missing: readonly (readonly [what: string, facts: GateFacts, says: string])[];
  /** Projects that cannot be judged by the gate, and the key that is wrong. */
  readonly refused: readonly (readonly [scope: GateScope, key: string])[];
}

/** The contract of every kind of gate. */
export function testGate(subject: GateUnderTest): void {
  const { kind, limit, step } = subject;
  const judge = (value: number, at = limit) => kind.judge(subject.gate(at), subject.facts(value));

  describe(`${kind.name}: its form`, () => {
    test('is that of its example', () => {
      expect(Check(kind.schema, kind.example)).toBe(true);
      expect(Check(kind.schema, subject.gate(limit))).toBe(true);
    });

    test('has no key that is misspelt, missing or too many', () => {
      const entries = Object.entries(kind.example);
      for (const [key] of entries) {
        const others = entries.filter(([other]) => other !== key);
        expect(Check(kind.schema, Object.fromEntries(others)), `without ${key}`).toBe(false);
        const misspelt = Object.fromEntries([...others, [`${key}s`, limit]]);
        expect(Check(kind.schema, misspelt), `${key}s`).toBe(false);
      }
      expect(Check(kind.schema, { ...kind.example, because: 'so' })).toBe(false);
    });

    test('describes each value that people choose', () => {
      const chosen = Object.values(kind.schema.properties).filter((value) => !('const' in value));
      expect(chosen.length).toBeGreaterThan(0);
      for (const value of chosen) expect(value).toHaveProperty('description');
      expect(kind.sentence).toMatch(/^[A-Z].*\.$/);
    });

    test('ignores gates of other kinds', () => {
      expect(kind.judge({ other: 1 }, subject.facts(limit))).toBeNull();
      expect(kind.check({ other: 1 }, classification)).toBeNull();
    });
  });

  describe(`${kind.name}: its judgement`, () => {
    test('changes at the limit', () => {
      const verdicts = [limit - step, limit, limit + step].map((value) => [
        judge(value)?.passed,
        subject.passes(value, limit),
      ]);
      for (const [found, expected] of verdicts) expect(found).toBe(expected);
      expect(new Set(verdicts.map(([found]) => found))).toEqual(new Set([true, false]));
    });

    test('is what the numbers say, whatever they are', () => {
      fc.assert(
        fc.property(subject.numbers, subject.numbers, (value, at) => {
          expect(judge(value, at)?.passed).toBe(subject.passes(value, at));
        }),
      );
    });

    test('is one sentence with the value and the limit', () => {
      for (const value of [limit - step, limit + step]) {
        const message = judge(value)?.message ?? '';
        expect(message).toContain(subject.shown(value));
        expect(message).toContain(subject.shown(limit));
        expect(message).not.toMatch(/[\n.]\s|\n|\.$/);
      }
    });

    test.each(subject.missing)('is a failure that says what is missing: %s', (_, facts, says) => {
      const result = kind.judge(subject.gate(limit), facts);
      expect(result).toMatchObject({ passed: false });
      expect(result?.message).toContain(says);
    });
  });

  describe(`${kind.name}: its project`, () => {
    test('can be judged by it', () => {
      const scopes = [classification, { ...classification, task: 'tabular-regression' } as const];
      expect(scopes.map((scope) => kind.check(kind.example, scope))).toContain(null);
    });

    test.each(subject.refused)('is refused if it cannot: %j', (scope, key) => {
      expect(kind.check(kind.example, scope)).toMatchObject({ key });
    });
  });
}

/** A project that every kind of gate can judge. */
export const classification: GateScope = {
  task: 'image-classification',
  outOfDistribution: true,
  slices: true,
};
