import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metricLabel } from '../../platform/quality/index.ts';
import type { Report } from '../../platform/report/index.ts';
import { composeSections, headline } from '../../platform/report/sections/index.ts';
import { reportOf, someRanking } from '../fixtures/reports.ts';

/** A way to show a report. */
export interface RendererUnderTest {
  readonly name: string;
  /** Shows everything, without colour. */
  readonly render: (report: Report) => string;
  /** What a text that others choose, such as the name of a class or a file, would do here; empty if it does nothing. */
  readonly effects: (rendered: string) => readonly string[];
}

const below = (limit: number) => (index: number) => index < limit;
const reports = {
  'a first model': reportOf(below(15), null),
  'a better model': reportOf(below(12), below(30)),
  'a worse model': reportOf(below(30), below(12)),
  'the best of twenty models': reportOf(below(12), below(22), { candidates: 20 }),
  'a model within training noise': reportOf(below(12), below(30), {
    ...{ spread: 0.05, ranking: someRanking },
  }),
  'a model that cannot be told apart': reportOf(below(3), below(4), { count: 60 }),
};

/** What Markdown, HTML and terminals give a meaning to, and some that they do not. */
const hostileCharacters = [...'<>&@#[]()|`*_~!\\/:-ab1 \n\r\t\u0000\u0007\u001b\u009b'];

/** The letters and digits of a text: what is left of it however a renderer escapes, wraps and aligns. */
const lettersOf = (text: string) =>
  text.replace(/<[/!]?[a-z-][^>]*>|&\w+;|&#\d+;|[^\p{L}\p{N}]/giu, '');

/** What every renderer of reports must do; new ones are added by running this suite with theirs. */
export function testRenderer({ name, render, effects }: RendererUnderTest): void {
  describe.each(Object.entries(reports))(`${name}: %s`, (_, report) => {
    test('gives the verdict first', () => {
      const [first = ''] = render(report).split('\n');
      expect(lettersOf(first)).toContain(lettersOf(headline(report).title));
    });

    test('shows the title of every section, every metric and every gate', () => {
      const shown = lettersOf(render(report));
      const titles = composeSections(report).map(({ title }) => title);
      const gates = report.gates.map(({ message }) => message);
      for (const text of [
        ...titles,
        ...gates,
        ...report.metrics.map(({ name: metric }) => metricLabel(metric)),
      ]) {
        expect(shown).toContain(lettersOf(text));
      }
    });

    test('shows no value that is not there, and the same text each time', () => {
      const text = render(report);
      expect(text).not.toMatch(/\b(undefined|NaN|Infinity|\[object)/);
      expect(text).not.toMatch(/[ \t]+$/m);
      expect(render(structuredClone(report))).toBe(text);
    });
  });

  test(`${name}: what others name cannot break out of its place`, () => {
    const hostile = fc.string({ unit: fc.constantFrom(...hostileCharacters), maxLength: 24 });
    fc.assert(
      fc.property(hostile, (text) => {
        const report = {
          ...reports['a better model'],
          gates: [{ gate: text, passed: false, message: `x ${text} y` }],
          findings: [
            {
              ...{ code: 'X', severity: 'error' as const, dataset: text, message: text },
              ...{ count: 1, examples: [text], hint: text },
            },
          ],
        };
        expect(effects(render(report))).toEqual([]);
      }),
    );
  });
}
