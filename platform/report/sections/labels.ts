import { plural } from '../../lib/plural.ts';
import { renderPercent } from '../../lib/render-number.ts';
import type { Report } from '../report.ts';
import type { Block, ReportSection } from '../section.ts';

const mostShown = 12;

/** Labels that the model doubts, and how to correct those that are wrong. */
export function labelSection({ analysis, project }: Report): ReportSection | null {
  if (!analysis || analysis.labels.suspects === 0) return null;
  const { examined, suspects, shown } = analysis.labels;
  const few = shown.slice(0, mostShown);
  const rows = few.map(({ id, row, label, suggestion, confidence }) => [
    { text: row === undefined ? id : `row ${row}`, code: true },
    { text: label, code: true },
    { text: suggestion, code: true },
    renderPercent(confidence),
  ]);
  const photos =
    project.task === 'image-classification' ? { photos: few.map(({ digest }) => digest) } : {};
  const head = ['example', 'label', 'the model is sure of', 'with'];
  const text =
    `Of ${examined} validation and test examples, whose labels the model has not learnt. Either may be wrong, the label or the ` +
    'model: look at each. This writes them into a file; fill in its last column and give it to "lock --corrections":';
  const command = `npx mainstem report ${project.name} --corrections corrections.csv`;
  const blocks: Block[] = [
    { kind: 'table', head, rows, numeric: [3], ...photos },
    { kind: 'text', text },
    { kind: 'command', text: command },
  ];
  return { title: `Labels: ${plural(suspects, 'suspect')}`, folded: true, blocks };
}
