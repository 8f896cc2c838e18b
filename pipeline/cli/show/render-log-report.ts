import { plural } from '../../../platform/lib/plural.ts';
import { renderPercent } from '../../../platform/lib/render-number.ts';
import { showName } from '../../../platform/lib/text.ts';
import type { JudgedShare } from '../../judge-answers.ts';
import type { LogReport } from '../../operations/drift/measure-log.ts';
import { renderProperties, verdicts } from './render-properties.ts';

/** What a prediction log says of a model, for people: the verdicts, and what the log lacks. */
export function renderLogReport(report: LogReport): string {
  const { project, run, since, until, answers } = report;
  const head = `${plural(answers, 'answer')} of ${project} ${run} from ${minute(since)} to ${minute(until)} (UTC). ${summary(report)}`;
  return [
    head,
    ...renderProperties(report.properties),
    ...renderAnswers(report),
    ...renderSlices(report),
    ...renderAccuracy(report),
    ...renderGaps(report).map((line) => `Note: ${line}`),
  ].join('\n');
}

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

function summary({ state, fewestInputs }: LogReport): string {
  if (state === 'insufficient') return `A verdict needs ${fewestInputs} of each.`;
  return state === 'ok' ? 'All as the reference.' : 'Not as the reference.';
}

function renderAnswers({ refused, confidence, quality }: LogReport): string[] {
  const lines = [`  refused: ${verdicts[refused.state]}, ${renderShare(refused)}`];
  if (confidence) {
    const { mean, expected, state } = confidence;
    const found = mean === null ? 'of no answer' : renderPercent(mean);
    lines.push(
      `  estimated accuracy: ${verdicts[state]}, ${found} where ${renderPercent(expected)} is expected`,
    );
  }
  if (quality)
    lines.push(`  said to be wrong: ${verdicts[quality.state]}, ${renderShare(quality)}`);
  return lines;
}

function renderShare({ hits, count, low, limit }: JudgedShare): string {
  const share = `${hits} of ${count}`;
  return `${share}, at least ${renderPercent(low)}, and up to ${renderPercent(limit)} is expected`;
}

function renderSlices({ slices }: LogReport): string[] {
  return slices.map(({ slice, value, judged, right, high, expected, state }) => {
    const found = `${right} of ${judged} right, at most ${renderPercent(high)}, where ${renderPercent(expected)} is expected`;
    return `  ${showName(slice)} ${showName(value)}: ${verdicts[state]}, ${found}`;
  });
}

function renderAccuracy({ accuracy }: LogReport): string[] {
  if (!accuracy) return [];
  const { value, low, high, count } = accuracy;
  const range = `${renderPercent(low)} to ${renderPercent(high)}`;
  return [
    `Of ${plural(count, 'accepted answer')} with a label, ${renderPercent(value)} are right (95 % interval ${range}).`,
  ];
}

/** What the log lacks, in sentences. */
export function renderGaps({ log, ...report }: LogReport): string[] {
  const { begins, startsEarlier, emptyDays, goneSegments, damaged, unfinished } = log;
  const others = Object.entries(report.otherRuns).map(([run, count]) => `${run} (${count})`);
  const firstDays = emptyDays.slice(0, 5).join(', ');
  const moreDays = emptyDays.length > 5 ? `, and ${emptyDays.length - 5} more` : '';
  return [
    begins !== null && startsEarlier
      ? `the log begins on ${begins}: what was answered before is not in it.`
      : '',
    begins === null ? 'the log is empty.' : '',
    emptyDays.length > 0
      ? `no line on ${firstDays}${moreDays}: nothing was answered, or it was not kept.`
      : '',
    goneSegments > 0
      ? `${plural(goneSegments, 'file')} of the log ${goneSegments === 1 ? 'is' : 'are'} gone.`
      : '',
    damaged > 0
      ? `${plural(damaged, 'line')} cannot be read and ${damaged === 1 ? 'was' : 'were'} left out.`
      : '',
    unfinished > 0
      ? `${plural(unfinished, 'file')} of the log ${unfinished === 1 ? 'ends' : 'end'} within a line, which was left out.`
      : '',
    others.length > 0 ? `answers of other runs do not count: ${others.join(', ')}.` : '',
    report.unmeasured > 0
      ? `${plural(report.unmeasured, 'answer')} without properties: tensors, or written by an earlier server.`
      : '',
    report.damagedFeedback > 0
      ? `${plural(report.damagedFeedback, 'line')} of feedback cannot be read.`
      : '',
  ].filter((line) => line !== '');
}
