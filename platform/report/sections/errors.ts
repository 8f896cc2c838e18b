import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import type { Analysis, ErrorExample } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, ReportCell, ReportSection } from '../section.ts';
import { nearBlocks, nearPhotos, sayNear, showCell } from './near-training.ts';

/** The candidate's errors on the test split: the surest first, with what training knew of them. */
export function errorSection({ analysis, project }: Report): ReportSection | null {
  if (!analysis || analysis.worst.length === 0) return null;
  const { task } = project;
  return {
    title: `Errors: ${titleOf(analysis, task)}`,
    folded: true,
    blocks: [worstBlock(analysis, task), ...pairBlocks(analysis), ...nearBlocks(analysis, task)],
  };
}

function titleOf({ errors, worst }: Analysis, task: Report['project']['task']): string {
  const [first] = worst;
  if (task === 'tabular-regression') return `at most ${renderNumber(first?.size ?? 0)} off`;
  return `${errors} on the test split, the surest with ${renderPercent(first?.size ?? 0)}`;
}

function worstBlock(analysis: Analysis, task: Report['project']['task']): Block {
  const { worst, columns = [] } = analysis;
  const regression = task === 'tabular-regression';
  const informs = analysis.nearness?.informs ?? false;
  const rows = worst.map((error): (ReportCell | string)[] => [
    ...factsOf(error, regression),
    ...(informs ? [sayNear(error, regression)] : []),
    ...columns.map((_, at) => showCell(error.cells?.[at])),
  ]);
  const head = [
    ...['example', 'truth', 'answer', regression ? 'off by' : 'confidence'],
    ...(informs ? ['nearest in training'] : []),
    ...columns,
  ];
  const photos =
    task === 'image-classification'
      ? { photos: worst.map(({ digest }) => digest), near: worst.map(nearPhotos) }
      : {};
  return { kind: 'table', head, rows, numeric: regression ? [2, 3] : [3], ...photos };
}

function factsOf(
  { id, row, label, predicted, size }: ErrorExample,
  regression: boolean,
): (ReportCell | string)[] {
  return [
    { text: row === undefined ? id : `row ${row}`, code: true },
    { text: label, code: true },
    regression ? renderNumber(Number(predicted)) : { text: predicted, code: true },
    regression ? renderNumber(size) : renderPercent(size),
  ];
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
