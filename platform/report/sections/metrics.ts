import { plural } from '../../lib/plural.ts';
import { renderPercent } from '../../lib/render-number.ts';
import { abbreviate } from '../../lib/text.ts';
import {
  metricLabel,
  renderMetric,
  renderMetricDifference,
  renderMetricInterval,
  renderMetricRange,
  renderMetricWithin,
} from '../../quality/index.ts';
import type { Comparison } from '../../schemas/index.ts';
import type { MetricRow, Report } from '../report.ts';
import type { Block, ReportCell, ReportSection, Table, Tone } from '../section.ts';
import { worse } from './worse.ts';

const arrows = { higher: '↑', lower: '↓' } as const;
const title = 'Metrics on the test split';

/** Every metric, with the direction that is better, what the comparison can say about it, and its gates. */
export function metricSection(report: Report): ReportSection {
  const table = report.champion ? comparedTable(report) : firstTable(report);
  const notes = [
    ...(report.champion ? comparisonNotes(report) : firstNotes(report)),
    ...baselineNotes(report),
    ...heldBackNotes(report),
  ].join(' ');
  const blocks: Block[] = notes ? [table, { kind: 'text', text: notes }] : [table];
  return { title, folded: false, blocks };
}

function firstTable({ metrics }: Report): Table {
  const rows = metrics.map((row) => [
    nameOf(row),
    renderMetric(row.name, row.candidate),
    row.own ? renderMetricRange(row.name, row.own) : '–',
    gateCell(row),
  ]);
  const head = ['metric', 'candidate', '95 % interval', 'gate'];
  return { kind: 'table', head, rows, numeric: [1, 2] };
}

function comparedTable({ metrics }: Report): Table {
  const head = ['metric', 'champion', 'candidate', 'Δ', '95 % interval', 'gate'];
  const rows = metrics.map((row) => [nameOf(row), ...comparedCells(row), gateCell(row)]);
  return { kind: 'table', head, rows, numeric: [1, 2, 3, 4] };
}

function nameOf({ name, better }: MetricRow): string {
  return `${metricLabel(name)}\u00a0${arrows[better]}`;
}

/** Of gates that failed, only those. */
function gateCell({ gates }: MetricRow): ReportCell | string {
  if (gates.length === 0) return '–';
  const failed = gates.filter(({ passed }) => !passed);
  const shown = failed.length > 0 ? failed : gates;
  const text = shown.map(({ limit }) => limit.replaceAll(' ', '\u00a0')).join(', ');
  return { text, tone: failed.length > 0 ? 'bad' : 'good' };
}

function firstNotes({ tested }: Report): string[] {
  return tested === undefined ? [] : [`Measured on ${plural(tested, 'test example')}.`];
}

function comparisonNotes(report: Report): string[] {
  const { comparison, champion, dataChanged, metrics } = report;
  const compared = new Set(comparison?.metrics.map(({ name }) => name));
  const unpaired = metrics.filter(({ name }) => !compared.has(name));
  const notes = [
    `Champion: ${abbreviate(champion?.run ?? '')}, which serves. Candidate: what this change trains.`,
    comparison ? pairedNote(comparison) : '',
    metrics.some(({ interval, own }) => interval === null && own)
      ? 'In brackets: the 95 % interval of the candidate’s own value.'
      : '',
    unpaired.length > 0 && dataChanged.length > 0
      ? `The data changed: each model’s ${listed(unpaired)} is that of the test split of its own data.`
      : '',
    comparison && worse(report).length === 0
      ? 'Nothing got worse by more than chance explains.'
      : '',
  ];
  return notes.filter(Boolean);
}

function listed(rows: readonly MetricRow[]): string {
  return new Intl.ListFormat('en').format(rows.map(({ name }) => metricLabel(name)));
}

/** What the gates see, and the table does not, is said too. */
function pairedNote({ examples, onlyCandidate, seen }: Comparison): string {
  const rest =
    onlyCandidate > 0 ? ` Gates count ${onlyCandidate} more, which only the candidate has.` : '';
  const left = seen > 0 ? `, without ${seen} on which the champion was trained` : '';
  const marks = 'a Δ without a mark may be chance.';
  return `Rows with an interval are about the ${examples} test examples that both answered${left}; ${marks}${rest}`;
}

/** That there is data which nothing here has seen. */
function heldBackNotes({ heldBack }: Report): string[] {
  if (heldBack === undefined) return [];
  const are = heldBack === 1 ? 'is' : 'are';
  return [
    `${plural(heldBack, 'further example')} ${are} held back: nothing here was measured on them, and only a promotion opens them.`,
  ];
}

/** What a model without any skill would reach. */
function baselineNotes({ confusion, project: { classes } }: Report): string[] {
  const counts = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const all = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(0, ...counts);
  const name = classes[counts.indexOf(most)];
  if (all === 0 || name === undefined) return [];
  return [`Always answering ${name} would be right in ${renderPercent(most / all)}.`];
}

function comparedCells(row: MetricRow): (ReportCell | string)[] {
  const { champion, candidate, difference, interval } = row;
  const text = (value: number) => renderMetricDifference(row.name, value);
  return [
    champion === null ? '–' : renderMetric(row.name, champion),
    // Without an interval of the difference, the candidate's own says how sure the value is.
    renderMetricWithin(row.name, candidate, interval ? undefined : row.own),
    difference === null ? '–' : { text: text(difference), tone: toneOf(row) },
    interval ? renderMetricInterval(row.name, interval) : '–',
  ];
}

/** Good or bad only where the difference is significant. */
function toneOf({ difference, better, significant }: MetricRow): Tone {
  if (!significant || !difference) return 'plain';
  return difference > 0 === (better === 'higher') ? 'good' : 'bad';
}
