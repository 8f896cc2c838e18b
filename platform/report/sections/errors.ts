import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import type { Analysis } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, ReportCell, ReportSection } from '../section.ts';

/** The candidate's errors on the test split: the surest first. */
export function errorSection({ analysis, project }: Report): ReportSection | null {
  if (!analysis || analysis.worst.length === 0) return null;
  return {
    title: `Errors: ${titleOf(analysis, project.task)}`,
    folded: true,
    blocks: [worstBlock(analysis, project.task), ...pairBlocks(analysis)],
  };
}

function titleOf({ errors, worst }: Analysis, task: Report['project']['task']): string {
  const [first] = worst;
  if (task === 'tabular-regression') return `at most ${renderNumber(first?.size ?? 0)} off`;
  return `${errors} on the test split, the surest with ${renderPercent(first?.size ?? 0)}`;
}

function worstBlock({ worst }: Analysis, task: Report['project']['task']): Block {
  const regression = task === 'tabular-regression';
  const rows = worst.map(({ id, row, label, predicted, size }): (ReportCell | string)[] => [
    { text: row === undefined ? id : `row ${row}`, code: true },
    { text: label, code: true },
    regression ? renderNumber(Number(predicted)) : { text: predicted, code: true },
    regression ? renderNumber(size) : renderPercent(size),
  ]);
  const head = ['example', 'truth', 'answer', regression ? 'off by' : 'confidence'];
  const photos =
    task === 'image-classification' ? { photos: worst.map(({ digest }) => digest) } : {};
  return { kind: 'table', head, rows, numeric: regression ? [2, 3] : [3], ...photos };
}

/** Which class is taken for which. */
function pairBlocks({ pairs }: Analysis): Block[] {
  if (pairs.length === 0) return [];
  const rows = pairs.map(({ label, predicted, count, of }) => [
    { text: label, code: true },
    { text: predicted, code: true },
    String(count),
    renderPercent(count / of),
  ]);
  const head = ['truth', 'answered as', 'examples', 'of all with this truth'];
  return [{ kind: 'table', head, rows, numeric: [2, 3] }];
}
