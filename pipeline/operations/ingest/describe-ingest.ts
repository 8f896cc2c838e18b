import { plural } from '../../../platform/lib/plural.ts';
import { describeSharing } from '../../../platform/storage/index.ts';
import type { IngestReport } from './ingest-feedback.ts';
import { type Reason, reasons } from './sort-candidates.ts';

/** What became of feedback, a sentence a line. */
export function describeIngest(report: IngestReport): string[] {
  const { written, known, damaged, shared } = report;
  const added = Object.entries(report.added);
  const total = added.reduce((sum, [, count]) => sum + count, 0);
  const counts = added.map(([label, count]) => `${label} ${count}`).join(', ');
  const before = written < total ? ` (${total - written} of them before)` : '';
  const left = Object.entries(report.leftOut).map(
    ([reason, count]) => `${count}: ${reasons[reason as Reason]}.`,
  );
  return [
    total === 0
      ? 'Nothing was added from feedback.'
      : `Added ${plural(total, 'example')} from feedback${before}: ${counts}.`,
    shared ? `${describeSharing(shared.projects, shared.path)}. Lock and train them as well.` : '',
    ...left,
    known > 0 ? `${known} are in the locked data already.` : '',
    damaged > 0 ? `${plural(damaged, 'line')} of feedback cannot be read.` : '',
  ].filter((line) => line !== '');
}
