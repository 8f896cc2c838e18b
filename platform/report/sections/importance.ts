import { renderPercent } from '../../lib/render-number.ts';
import type { Report } from '../report.ts';
import type { ReportSection } from '../section.ts';

const mostRows = 15;

/** What boosted trees divide by: the share of each column in all that their splits lowered the training loss. */
export function importanceSection({ importance }: Report): ReportSection | null {
  const [first] = importance ?? [];
  if (!importance || !first) return null;
  const rows = importance
    .slice(0, mostRows)
    .map(({ column, share }) => [{ text: column, code: true }, renderPercent(share)]);
  const left = importance.length - rows.length;
  const table = { kind: 'table', head: ['column', 'share'], rows, numeric: [1] } as const;
  const more = { kind: 'text', text: `And ${left} more, each with less.` } as const;
  return {
    title: `What the trees divide by: ${first.column} ${renderPercent(first.share)}`,
    folded: true,
    blocks: [table, ...(left > 0 ? [more] : [])],
  };
}
