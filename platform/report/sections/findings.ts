import { plural } from '../../lib/plural.ts';
import type { Report } from '../report.ts';
import type { ReportCell, ReportSection } from '../section.ts';

/** What validation found in the data, errors first. */
export function findingSection({ findings }: Report): ReportSection | null {
  if (findings.length === 0) return null;
  const order = ['error', 'warning', 'info'];
  const rows = findings
    .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
    .map(({ severity, code, dataset, message, examples }): (ReportCell | string)[] => [
      severity === 'error' ? { text: severity, tone: 'bad' } : severity,
      { text: code, code: true },
      dataset,
      message,
      { text: examples.slice(0, 3).join(', '), code: true },
    ]);
  const head = ['severity', 'code', 'dataset', 'found', 'for example'];
  return {
    title: `Data: ${plural(findings.length, 'finding')}`,
    folded: true,
    blocks: [{ kind: 'table', head, rows, numeric: [] }],
  };
}
