import { renderDuration } from '../../lib/render-duration.ts';
import { renderNumber } from '../../lib/render-number.ts';
import type { Report } from '../report.ts';
import type { Block, ReportSection } from '../section.ts';

type Stage = NonNullable<Report['cost']>['stages'][number];

interface Amount {
  readonly title: string;
  /** What follows the sum in the section's title. */
  readonly suffix: string;
  readonly of: (stage: Stage) => number | null;
  readonly text: (value: number) => string;
}

const amounts: readonly Amount[] = [
  { title: 'time', suffix: '', of: ({ seconds }) => seconds, text: renderDuration },
  {
    title: 'processor time',
    suffix: ' of processor time',
    of: ({ processorSeconds }) => processorSeconds,
    text: renderDuration,
  },
  {
    title: 'energy',
    suffix: '',
    of: ({ joules }) => joules,
    text: (joules) => `${renderNumber(joules / 3600)} Wh`,
  },
];

const note = 'Each result counts with what it cost to make, also where it was reused.';
const energyNote = 'Energy is that of the whole processor while the stage ran.';
const statedNote =
  'These figures are the pull request’s own: the default branch measures the model, it does not train it again.';

/** What the candidate cost to make: time, processor time and energy, as far as its machine says. */
export function costSection({ cost, stated }: Report): ReportSection | null {
  if (!cost || cost.stages.length === 0) return null;
  const { stages } = cost;
  const known = amounts.filter(({ of }) => stages.some((stage) => of(stage) !== null));
  const total = ({ of, text }: Amount) =>
    text(stages.reduce((sum, stage) => sum + (of(stage) ?? 0), 0));
  const cell = ({ of, text }: Amount, stage: Stage) => {
    const value = of(stage);
    return value === null ? '–' : text(value);
  };
  const rows = stages.map((stage) => [stage.stage, ...known.map((one) => cell(one, stage))]);
  const head = ['stage', ...known.map(({ title }) => title)];
  const sums = known.map((one) => `${total(one)}${one.suffix}`).join(', ');
  const notes = [note, known.some(({ title }) => title === 'energy') ? energyNote : ''];
  const blocks: Block[] = [
    ...(stated ? [{ kind: 'text', text: statedNote } as const] : []),
    {
      kind: 'table',
      head,
      rows: [...rows, ['all', ...known.map(total)]],
      numeric: known.map((_, index) => index + 1),
    },
    { kind: 'text', text: notes.filter(Boolean).join(' ') },
  ];
  return { title: `Cost: ${sums}`, folded: true, blocks };
}
