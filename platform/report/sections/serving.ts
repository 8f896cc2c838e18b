import { renderNumber } from '../../lib/render-number.ts';
import { renderBytes } from '../../lib/text.ts';
import type { ModelSummary, Report } from '../report.ts';
import type { ReportSection } from '../section.ts';

const facts: readonly (readonly [string, (model: ModelSummary) => string])[] = [
  ['package', ({ bytes }) => renderBytes(bytes)],
  ['weights', ({ weights }) => weights.toLocaleString('en')],
  ['latency p50', ({ latencyMs }) => `${renderNumber(latencyMs.p50)} ms`],
  ['latency p95', ({ latencyMs }) => `${renderNumber(latencyMs.p95)} ms`],
  [
    'parity with the trained network',
    ({ parity }) =>
      `${parity.maxDifference.toExponential(1)} at most, ${parity.classesDiffer} of ${parity.examples} classes differ`,
  ],
];

/** What serving costs; the budgets are listed under the gates. */
export function servingSection({ candidate, champion }: Report): ReportSection {
  const rows = facts.map(([name, of]) => [
    name,
    ...(champion ? [of(champion)] : []),
    of(candidate),
  ]);
  const head = ['', ...(champion ? ['champion'] : []), 'candidate'];
  const table = { kind: 'table', head, rows, numeric: champion ? [1, 2] : [1] } as const;
  const { bytes, latencyMs } = candidate;
  const title = `Serving: ${renderBytes(bytes)}, ${renderNumber(latencyMs.p95)} ms`;
  return { title, folded: true, blocks: [table] };
}
