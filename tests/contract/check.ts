import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../pipeline/validation/check.ts';
import { defaultThresholds } from '../../platform/schemas/define/index.ts';

/** What a suite needs of the check that it tests. */
export interface CheckUnderTest<Subject> {
  readonly check: Check<Subject>;
  /** Data without any fault. */
  readonly clean: Subject;
  /** The faultless data with one fault of the kind that the check looks for. */
  readonly faulty: Subject;
  /** Every place that a finding must name, as it names it. */
  readonly places: readonly string[];
  /** The faulty data where the project allows what was planted; for a check with a threshold. */
  readonly relaxed?: Subject;
}

const page = readFileSync(join(import.meta.dirname, '../../docs/checks.md'), 'utf8');

/** A hint says what to do: a verb that a person can act on. */
const advice =
  /\b(add|check|collect|compare|copy|crop|decide|fill in|find out|fix|keep|look|move|nothing to do|remove|rename|replace|report|use)\b/i;

/** All that a subject holds, except for functions, which read a table. */
function show(subject: unknown): string {
  return inspect(subject, { depth: null, maxArrayLength: null, maxStringLength: null });
}

/** The contract of every check: call it in a test file of its own. */
export function testCheck<Subject>(tested: CheckUnderTest<Subject>): void {
  const { check, clean, faulty, places, relaxed } = tested;

  describe(check.code, () => {
    test('has a code, a severity and full sentences that say what it finds and what to do', () => {
      expect(check.code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
      expect(['error', 'warning', 'info']).toContain(check.severity);
      expect(check.finds).toMatch(/^[A-Z].+[^.]\.$/);
      expect(check.hint).toMatch(/^[A-Z].+[^.]\.$/);
      expect(check.hint).toMatch(advice);
    });

    test('is in docs/checks.md with its hint', () => {
      expect(page).toContain(`| \`${check.code}\` | ${check.severity} |`);
    });

    test('is silent about clean data', () => {
      expect(check.observe(clean)).toEqual([]);
    });

    test('finds the planted fault, says so in a sentence, and names every place', () => {
      const [observation, ...others] = check.observe(faulty);
      expect(others).toEqual([]);
      expect(observation?.message).toMatch(/^[\w"(].+\.$/s);
      expect(observation?.message).not.toMatch(/undefined|NaN|\[object/);
      expect(observation?.places).toEqual(places);
    });

    test('says the same when it is asked again, and leaves the data as it was', () => {
      const before = show(faulty);
      const first = check.observe(faulty);
      expect(check.observe(faulty)).toEqual(first);
      expect(show(faulty)).toEqual(before);
    });

    if (check.threshold === undefined) return;
    test('keeps to its threshold', () => {
      expect(Object.keys({ ...defaultThresholds, missing: 0 })).toContain(check.threshold);
      expect(relaxed, 'a check with a threshold is tested with a relaxed one').toBeDefined();
      if (relaxed) expect(check.observe(relaxed)).toEqual([]);
    });
  });
}
