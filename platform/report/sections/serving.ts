import { renderNumber } from '../../lib/render-number.ts';
import { renderBytes } from '../../lib/text.ts';
import type { ModelSummary, Report } from '../report.ts';
import type { ReportCell, ReportSection } from '../section.ts';

interface Fact {
  readonly name: string;
  readonly of: (model: ModelSummary) => string;
  /** Key of the budget that limits it. */
  readonly budget?: string;
}

const facts: readonly Fact[] = [
  { name: 'package', of: ({ bytes }) => renderBytes(bytes), budget: 'modelBytes' },
  { name: 'weights', of: ({ weights }) => weights.toLocaleString('en') },
  { name: 'latency p50', of: ({ latencyMs }) => `${renderNumber(latencyMs.p50)} ms` },
  {
    name: 'latency p95',
    of: ({ latencyMs }) => `${renderNumber(latencyMs.p95)} ms`,
    budget: 'latencyMs',
  },
];

/** What serving costs, beside its budgets. */
export function servingSection(report: Report): ReportSection {
  const { candidate, champion } = report;
  const rows = facts.map((fact) => [
    fact.name,
    ...(champion ? [fact.of(champion)] : []),
    fact.of(candidate),
    budgetCell(report, fact),
  ]);
  const head = ['', ...(champion ? ['champion'] : []), 'candidate', 'budget'];
  const table = { kind: 'table', head, rows, numeric: champion ? [1, 2] : [1] } as const;
  const { bytes, latencyMs, parity } = candidate;
  const text =
    `The file that serves answers like the trained network: at most ${parity.maxDifference.toExponential(1)} apart, ` +
    `${parity.classesDiffer} of ${parity.examples} answers differ.`;
  const title = `Serving: ${renderBytes(bytes)}, ${renderNumber(latencyMs.p95)} ms`;
  return { title, folded: true, blocks: [table, { kind: 'text', text }] };
}

function budgetCell({ gates }: Report, { budget }: Fact): ReportCell | string {
  const gate = budget === undefined ? undefined : gates.find(({ of }) => of === budget);
  if (gate?.limit === undefined) return '–';
  return { text: gate.limit, tone: gate.passed ? 'good' : 'bad' };
}
