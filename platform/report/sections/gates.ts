import type { GateResult } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { ReportCell, ReportSection } from '../section.ts';

/** What must hold before promotion and does not. */
export function failedGateSection({ gates }: Report): ReportSection | null {
  const failed = gates.filter(({ passed }) => !passed);
  return section(`Gates: ${failed.length} of ${gates.length} failed`, failed, false);
}

/** What must hold before promotion, and holds. */
export function passedGateSection({ gates }: Report): ReportSection | null {
  const passed = gates.filter((gate) => gate.passed);
  return section(`Gates: ${passed.length} of ${gates.length} passed`, passed, true);
}

function section(
  title: string,
  gates: readonly GateResult[],
  folded: boolean,
): ReportSection | null {
  if (gates.length === 0) return null;
  const rows = gates.map(({ gate, passed, message }): (ReportCell | string)[] => [
    passed ? { text: 'passed', tone: 'good' } : { text: 'failed', tone: 'bad' },
    gate,
    message,
  ]);
  const table = { kind: 'table', head: ['', 'gate', 'found'], rows, numeric: [] } as const;
  return { title, folded, blocks: [table] };
}
