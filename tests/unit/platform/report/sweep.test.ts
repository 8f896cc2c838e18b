import { expect, test } from 'vitest';
import {
  renderSweepHtml,
  renderSweepMarkdown,
  renderSweepTerminal,
} from '../../../../platform/report/index.ts';
import { sweepReportOf } from '../../../fixtures/sweeps.ts';

const terminal = (report: ReturnType<typeof sweepReportOf>) =>
  renderSweepTerminal(report, { colour: false });

test('the title says whether the best is more than noise', () => {
  const report = sweepReportOf(20);
  expect(terminal(report)).toMatch(/^penguins: nothing beyond noise\n/);
  expect(terminal(report)).toContain('there is no evidence that today’s parameters are worse');
  expect(terminal(report)).toContain(
    'To take it over all the same\n  npx mainstem sweep penguins --apply',
  );
  const { comparison } = report;
  const sure = comparison && { ...comparison, verdict: 'better' as const };
  expect(terminal({ ...report, comparison: sure })).toMatch(/^penguins: better parameters\n/);
  const none = terminal({ ...report, best: 0, comparison: null });
  expect(none).toMatch(/^penguins: nothing better than today’s parameters\n/);
  expect(none).not.toContain('--apply');
});

test('every trial stands in the table: the best first, then those given up, then those that failed', () => {
  const report = sweepReportOf(20);
  const rows = terminal(report)
    .split('\n')
    .filter((line) => /^ +\d+ .*\[/.test(line));
  expect(rows).toHaveLength(21);
  expect(rows[0]).toContain('best');
  expect(rows.at(-2)).toContain('given up after 3, loss 0.4');
  expect(rows.at(-1)).toContain('failed: TRAINING_DIVERGED');
});

test('a sweep whose time was up says how to go on', () => {
  expect(terminal(sweepReportOf(3, { ended: 'time', planned: 20 }))).toContain(
    '3 of 20 trials by sobol in 7 min 11 s: 1 trained, 1 given up early, 1 failed. Its time was up; the same command goes on.',
  );
});

test('names that somebody chose do nothing in a pull request or a page', () => {
  const report = sweepReportOf(3);
  const hostile = '<img src=x onerror=alert(1)> @jen [a](b)';
  const axes = report.axes.map((one) => ({ ...one, key: hostile }));
  const trials = report.trials.map((trial) => ({
    ...trial,
    error: trial.error && { ...trial.error, message: hostile },
  }));
  for (const rendered of [
    renderSweepMarkdown({ ...report, axes, trials }),
    renderSweepHtml({ ...report, axes, trials }),
  ]) {
    expect(rendered).not.toContain('<img');
  }
  expect(renderSweepMarkdown({ ...report, axes, trials })).not.toMatch(/(?<!\\|&#?\w*;|\w)@jen/);
});

test('the text of a pull request stays as short as is asked for', () => {
  const report = sweepReportOf(200);
  expect(renderSweepMarkdown(report).length).toBeLessThan(60_000);
  expect(renderSweepMarkdown(report, { most: 8_000 }).length).toBeLessThan(8_000);
});
