import { plural } from '../../lib/plural.ts';
import { renderPercent } from '../../lib/render-number.ts';
import type { LabelSuspect, TrainingLabels } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, ReportSection } from '../section.ts';

const mostShown = 12;

/** Labels that a model doubts which has not learnt them, and how to correct those that are wrong. */
export function labelSection({ analysis, project }: Report): ReportSection | null {
  if (!analysis) return null;
  const { examined, suspects, shown, training } = analysis.labels;
  const all = suspects + (training?.suspects ?? 0);
  if (all === 0 && (training?.finds ?? true)) return null;
  const photos = project.task === 'image-classification';
  const blocks: Block[] = [
    ...suspectBlocks(shown, 'the model is sure of', photos),
    { kind: 'text', text: sayHeldOut(examined, suspects) },
    ...(training ? trainingBlocks(training, photos) : []),
    ...(all > 0 ? correctingBlocks(project.name) : []),
  ];
  return { title: `Labels: ${plural(all, 'suspect')}`, folded: true, blocks };
}

function suspectBlocks(shown: readonly LabelSuspect[], sure: string, photos: boolean): Block[] {
  const few = shown.slice(0, mostShown);
  if (few.length === 0) return [];
  const rows = few.map(({ id, row, label, suggestion, confidence }) => [
    { text: row === undefined ? id : `row ${row}`, code: true },
    { text: label, code: true },
    { text: suggestion, code: true },
    renderPercent(confidence),
  ]);
  const head = ['example', 'label', sure, 'with'];
  const digests = photos ? { photos: few.map(({ digest }) => digest) } : {};
  return [{ kind: 'table', head, rows, numeric: [3], ...digests }];
}

function sayHeldOut(examined: number, suspects: number): string {
  const found = plural(suspects, 'suspect');
  return `${found} among ${examined} validation and test examples, whose labels the model has not learnt.`;
}

const seen: Readonly<Record<TrainingLabels['space'], string>> = {
  features: 'the features of the backbone',
  columns: 'the columns of the table',
  network: 'what the last layer of the network reads',
  pixels: 'small pixels',
};

function trainingBlocks(training: TrainingLabels, photos: boolean): Block[] {
  const { examined, of, space, accuracy, trial, finds, suspects, shown } = training;
  const many = examined < of ? `${examined} of ${of} training examples` : `${of} training examples`;
  const how =
    `among ${many}, by a logistic regression on ${seen[space]} that learns from four fifths of them what it says of the others ` +
    `(right for ${renderPercent(accuracy)}).`;
  const tried = `Of ${trial.swapped} labels among ${trial.of} that were swapped on purpose it suspects ${trial.found}, and ${trial.others} others`;
  if (!finds) {
    const text = `Training labels cannot be judged ${how} ${tried}: too few to name others.`;
    return [{ kind: 'text', text }];
  }
  return [
    ...suspectBlocks(shown, 'more likely', photos),
    { kind: 'text', text: `${plural(suspects, 'suspect')} ${how} ${tried}.` },
  ];
}

function correctingBlocks(project: string): Block[] {
  const text =
    'Either may be wrong, the label or the model: look at each. This writes them into a file; fill in its last column and give it ' +
    'to "lock --corrections":';
  const command = `npx mainstem report ${project} --corrections corrections.csv`;
  return [
    { kind: 'text', text },
    { kind: 'command', text: command },
  ];
}
