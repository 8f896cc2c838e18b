import { metricLabel, renderMetric, renderMetricDifference } from '../../quality/index.ts';
import type { Comparison } from '../../schemas/index.ts';
import type { MetricRow, Report } from '../report.ts';
import type { ReportCell, ReportSection, Tone } from '../section.ts';

const arrows = { higher: '↑', lower: '↓' } as const;

/** Every metric, with the direction that is better, and what the comparison can say about it. */
export function metricSection({
  metrics,
  champion,
  comparison,
  dataChanged,
}: Report): ReportSection {
  const name = (row: MetricRow) => `${metricLabel(row.name)} ${arrows[row.better]}`;
  if (!champion) {
    const rows = metrics.map((row) => [name(row), renderMetric(row.name, row.candidate)]);
    const table = { kind: 'table', head: ['metric', 'candidate'], rows, numeric: [1] } as const;
    return { title: 'Metrics on the test split', folded: false, blocks: [table] };
  }
  const head = ['metric', 'champion', 'candidate', 'Δ', '95 % interval', 'significant'];
  const rows = metrics.map((row) => [name(row), ...comparedCells(row)]);
  const table = { kind: 'table', head, rows, numeric: [1, 2, 3, 4] } as const;
  const note = dataChanged.length > 0 ? changedNote : '';
  const text = comparison ? `${pairedNote(comparison)}${note}` : note.trim();
  const blocks = text ? [table, { kind: 'text', text } as const] : [table];
  return { title: 'Metrics on the test split', folded: false, blocks };
}

const changedNote = ' Rows without an interval compare each model on its own examples.';

function pairedNote({ examples, seen }: Comparison): string {
  const left = seen > 0 ? `, without ${seen} on which the champion was trained` : '';
  return `Both models on the ${examples} test examples that both answered${left}.`;
}

function comparedCells(row: MetricRow): (ReportCell | string)[] {
  const { champion, candidate, difference, interval, significant } = row;
  const text = (value: number) => renderMetricDifference(row.name, value);
  return [
    champion === null ? '–' : renderMetric(row.name, champion),
    renderMetric(row.name, candidate),
    difference === null ? '–' : { text: text(difference), tone: toneOf(row) },
    interval ? `${text(interval.low)} … ${text(interval.high)}` : '–',
    significant === null ? '–' : significant ? 'yes' : 'no',
  ];
}

/** Good or bad only where the difference is significant. */
function toneOf({ difference, better, significant }: MetricRow): Tone {
  if (!significant || !difference) return 'plain';
  return difference > 0 === (better === 'higher') ? 'good' : 'bad';
}

/** What must hold before promotion, failures first. */
export function gateSection({ gates }: Report): ReportSection | null {
  if (gates.length === 0) return null;
  const rows = gates
    .toSorted((a, b) => Number(a.passed) - Number(b.passed))
    .map(({ gate, passed, message }): (ReportCell | string)[] => [
      passed ? { text: 'passed', tone: 'good' } : { text: 'failed', tone: 'bad' },
      gate,
      message,
    ]);
  const table = { kind: 'table', head: ['gate', 'of', 'found'], rows, numeric: [] } as const;
  return { title: 'Gates', folded: false, blocks: [table] };
}
