import { renderMoney } from '../../lib/render-money.ts';
import { renderNumber } from '../../lib/render-number.ts';
import { renderBytes } from '../../lib/text.ts';
import type { ModelSummary, Report } from '../report.ts';
import type { ReportCell, ReportSection } from '../section.ts';

interface Fact {
  readonly name: string;
  /** Null if the project does not say enough. */
  readonly of: (model: ModelSummary, report: Report) => string | null;
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
  { name: '1,000 predictions', of: priceOfThousand },
];

/** One after the other on one machine, each as long as the median: without decoding and waiting. */
function priceOfThousand({ latencyMs }: ModelSummary, { prices }: Report): string | null {
  if (prices?.servingPerHour === undefined) return null;
  const hours = (latencyMs.p50 / 1000 / 3600) * 1000;
  return renderMoney(hours * prices.servingPerHour, prices.currency);
}

/** What serving costs, beside its budgets. */
export function servingSection(report: Report): ReportSection {
  const { candidate, champion } = report;
  const rows = facts.flatMap((fact) => {
    const value = fact.of(candidate, report);
    if (value === null) return [];
    const before = champion ? [fact.of(champion, report) ?? '–'] : [];
    return [[fact.name, ...before, value, budgetCell(report, fact)]];
  });
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
