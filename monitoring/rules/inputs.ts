import { normalQuantile } from '../../platform/quality/index.ts';
import type { Objectives } from '../define-objectives.ts';
import { metrics, missingBin } from '../metrics.ts';
import { type RecordingRule, served, wilsonLow } from '../promql.ts';
import { counted } from './model.ts';
import { recorded } from './recorded.ts';

/** What is wrong with inputs before any distribution is compared: unreadable ones, and features that are missing. */
export function inputRules({ window, falseAlarms }: Objectives): RecordingRule[] {
  const { missing, missingShare, missingLow, inputs, rejected, rejectedLow } = recorded;
  const z = normalQuantile(1 - falseAlarms);
  const bins = metrics.inputBins.name;
  const all = `(${missing.name} + ${inputs.name})`;
  const sent = `(${rejected.name} + ${recorded.answered.name})`;
  return [
    {
      record: missing,
      expression: counted(missing.labels, `${bins}{bin="${missingBin}"}`, window),
    },
    { record: missingShare, expression: `${missing.name} / (${all} > 0)` },
    { record: missingLow, expression: wilsonLow(missing.name, all, z) },
    { record: rejected, expression: counted(served, metrics.rejected.name, window) },
    { record: recorded.rejectedShare, expression: `${rejected.name} / (${sent} > 0)` },
    { record: rejectedLow, expression: wilsonLow(rejected.name, sent, z) },
  ];
}
