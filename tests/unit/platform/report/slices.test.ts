import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testSlices } from '../../../../platform/quality/index.ts';
import { type Report, renderMarkdown } from '../../../../platform/report/index.ts';
import { reportOf } from '../../../fixtures/reports.ts';

const below = (limit: number) => (index: number) => index < limit;
const columns = [{ column: 'light', minimumCount: 20 }];

/** A slice of a classifier's answers, so much worse than before with this standard error. */
function compared(loss: number, error = 0.02, examples = 200) {
  return {
    ...{ slice: 'light', value: `at ${loss}`, examples, metric: 'accuracy' },
    ...{ champion: 0.9, candidate: 0.9 - loss, difference: -loss, error },
    ...{ low: -loss - 1.96 * error, high: 1.96 * error - loss },
  };
}

/** What a report says got worse. */
function worseOf(report: Report): string {
  return /What got worse\n\n.*?\n\n/s.exec(textOf(report))?.[0] ?? '';
}

/** The comment, with plain spaces. */
function textOf(report: Report): string {
  return renderMarkdown(report).replaceAll('\u00a0', ' ');
}

describe('the slices of a report', () => {
  test('hold both models against each other on the examples of both, not on what each was measured on once', () => {
    const report = reportOf(below(12), below(30));
    const [evening] = report.slices;
    expect(evening?.paired).toMatchObject({ examples: 80, champion: 50 / 80, candidate: 68 / 80 });
    expect(textOf(report)).toContain('| `light evening` | 80 | 62.5 % | 85.0 % |');
  });

  test('of a model without a comparison are its own, with their intervals', () => {
    const report = reportOf(below(12), null);
    expect(report.slices.every(({ paired }) => paired === undefined)).toBe(true);
    expect(textOf(report)).toContain('| slice | examples | candidate | 95 % interval |');
  });

  test('that only the candidate has are shown with its own interval', () => {
    const report = structuredClone(reportOf(below(12), below(30)));
    for (const row of report.slices.slice(1)) delete row.paired;
    expect(textOf(report)).toMatch(
      /\| `light noon` \| 220 \| – \| 96\.0 % \(91\.0 % … 100\.0 %\) \| – \| – \|/,
    );
  });

  test('are named under what got worse where that is shown, with the interval of the difference', () => {
    const text = worseOf(reportOf(below(30), below(12)));
    expect(text).toMatch(
      /slice light evening \| 85\.0 % → 62\.5 % \| 95 % interval −33\.1 … −14\.6 pp, 80 examples; p .* corrected for 2 slices/,
    );
    expect(text).not.toContain('light noon');
  });

  test('that got worse by chance alone are not named', () => {
    expect(worseOf(reportOf(below(14), below(12)))).not.toContain('slice');
  });
});

describe('the test of slices', () => {
  test('asks more of each where there are many', () => {
    const one = compared(0.045);
    const others = Array.from({ length: 20 }, () => compared(0));
    expect(testSlices([one], columns)[0]?.pValue).toBeLessThan(0.05);
    expect(testSlices([one, ...others], columns)[0]?.pValue).toBeGreaterThan(0.05);
  });

  test('leaves out slices with too few examples, which cost the others nothing', () => {
    const few = Array.from({ length: 20 }, () => compared(0.5, 0.1, 19));
    const [judged, ...rest] = testSlices([compared(0.045), ...few], columns);
    expect(judged?.pValue).toBeLessThan(0.05);
    expect(rest.every(({ pValue }) => pValue === null)).toBe(true);
    const errors = { ...compared(0.5, 0.1, 59), metric: 'mae' };
    expect(testSlices([errors], columns)[0]?.pValue).toBeNull();
  });

  test('takes a loss against a champion without any error for one, and judges the other slices beside it', () => {
    const flawless = { ...compared(-0.5, 0.1), metric: 'mae', champion: 0, candidate: 0.5 };
    const worse = { ...compared(-0.5, 0.1), metric: 'mae', champion: 1, candidate: 1.5 };
    for (const { pValue } of testSlices([flawless, worse], columns)) {
      expect(pValue).toBeLessThan(0.001);
    }
  });

  test('takes a gain for as unlikely as a loss of the same size', () => {
    const losses = fc.double({ min: 0.001, max: 0.3, noNaN: true });
    fc.assert(
      fc.property(losses, fc.double({ min: 0.005, max: 0.1, noNaN: true }), (loss, error) => {
        const [lost] = testSlices([compared(loss, error)], columns);
        const [gained] = testSlices([compared(-loss, error)], columns);
        expect(lost?.pValue).toBeCloseTo(gained?.pValue ?? Number.NaN, 9);
      }),
    );
  });
});
