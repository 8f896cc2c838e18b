import {
  accuracy,
  logLoss,
  mae,
  metricLabel,
  renderMetric,
  renderMetricDifference,
  renderMetricInterval,
  renderMetricRange,
  renderMetricWithin,
  rmse,
} from '../../quality/index.ts';
import type { Report } from '../report.ts';
import type { ReportSection } from '../section.ts';

const arrows = { higher: '↑', lower: '↓' } as const;
const dash = '–';

/** The few metrics that stand open, so that those of the test split are on the same screen. */
const open: readonly string[] = [accuracy.name, logLoss.name, mae.name, rmse.name];

/** What one chooses between candidates by, before the test split decides about the one that was chosen. */
export function validationSection(report: Report): ReportSection | null {
  const { validation, trials } = report;
  if (!validation) return null;
  const how = `Choose between candidates by these ${validation.examples} examples; the test split decides about the one you chose.`;
  const known = trials ? ` ${renderKnown(trials)}` : '';
  const text = { kind: 'text', text: `${how}${known}` } as const;
  const table = metricTable(report, (name) => open.includes(name));
  return { title: 'Metrics on the validation split', folded: false, blocks: [table, text] };
}

/** The metrics that {@link validationSection} leaves out. */
export function moreValidationSection(report: Report): ReportSection | null {
  const table = metricTable(report, (name) => !open.includes(name));
  if (table.rows.length === 0) return null;
  return { title: 'Validation split: more metrics', folded: true, blocks: [table] };
}

function metricTable({ validation, champion }: Report, shown: (name: string) => boolean) {
  const metrics = validation?.metrics.filter(({ name }) => shown(name)) ?? [];
  const rows = metrics.map((metric) => [
    `${metricLabel(metric.name)}\u00a0${arrows[metric.better]}`,
    ...(champion ? comparedCells(metric) : ownCells(metric)),
  ]);
  const head = champion
    ? ['metric', 'champion', 'candidate', 'Δ', '95 % interval']
    : ['metric', 'candidate', '95 % interval'];
  const numeric = head.map((_, index) => index).slice(1);
  return { kind: 'table', head, rows, numeric } as const;
}

type ValidationMetric = NonNullable<Report['validation']>['metrics'][number];

function ownCells({ name, candidate, interval }: ValidationMetric): string[] {
  return [renderMetric(name, candidate), interval ? renderMetricRange(name, interval) : dash];
}

function comparedCells(metric: ValidationMetric): string[] {
  const { name, champion, candidate, interval } = metric;
  // A champion that has learnt from them all was not measured; then the interval is the candidate's own.
  if (champion === null) return [dash, renderMetricWithin(name, candidate, interval), dash, dash];
  return [
    renderMetric(name, champion),
    renderMetric(name, candidate),
    renderMetricDifference(name, candidate - champion),
    interval ? renderMetricInterval(name, interval) : dash,
  ];
}

function renderKnown({ candidates, known }: NonNullable<Report['trials']>): string {
  const count = candidates === 1 ? 'No other candidate' : `${candidates} candidates`;
  const are = candidates === 1 ? 'is' : 'are';
  return `${count} ${are} known to have been measured on this test data (by ${known}; others are not counted).`;
}
