import { metricLabel, renderMetric, renderMetricDifference } from '../../quality/index.ts';
import type { Report } from '../report.ts';
import type { ReportSection } from '../section.ts';

const arrows = { higher: '↑', lower: '↓' } as const;
const dash = '–';

/** What one chooses between candidates by, before the test split decides about the one that was chosen. */
export function validationSection({ validation, champion, trials }: Report): ReportSection | null {
  if (!validation) return null;
  const rows = validation.metrics.map(({ name, better, candidate, champion: before }) => [
    `${metricLabel(name)}\u00a0${arrows[better]}`,
    ...(champion ? [before === null ? dash : renderMetric(name, before)] : []),
    renderMetric(name, candidate),
    ...(champion
      ? [before === null ? dash : renderMetricDifference(name, candidate - before)]
      : []),
  ]);
  const head = champion ? ['metric', 'champion', 'candidate', 'Δ'] : ['metric', 'candidate'];
  const numeric = head.map((_, index) => index).slice(1);
  const table = { kind: 'table', head, rows, numeric } as const;
  const how = `Choose between candidates by these ${validation.examples} examples; the test split decides about the one you chose.`;
  const known = trials ? ` ${renderKnown(trials)}` : '';
  const text = { kind: 'text', text: `${how}${known}` } as const;
  return { title: 'Metrics on the validation split', folded: false, blocks: [table, text] };
}

function renderKnown({ candidates, known }: NonNullable<Report['trials']>): string {
  const count = candidates === 1 ? 'No other candidate' : `${candidates} candidates`;
  const are = candidates === 1 ? 'is' : 'are';
  return `${count} ${are} known to have been measured on this test data (by ${known}; others are not counted).`;
}
