import { renderDuration } from '../../lib/render-duration.ts';
import { renderMoney } from '../../lib/render-money.ts';
import { renderNumber } from '../../lib/render-number.ts';
import { renderBytes } from '../../lib/text.ts';
import type { Report } from '../report.ts';
import type { Block, ReportSection } from '../section.ts';

type Stage = NonNullable<Report['cost']>['stages'][number];

interface Amount {
  readonly title: string;
  /** What follows the whole amount in the section's title. */
  readonly suffix: string;
  /** Null where the machine did not say, or there is nothing to say. */
  readonly of: (stage: Stage) => number | null;
  readonly text: (value: number) => string;
  /** The amount of all stages together. */
  readonly whole: (amounts: readonly number[]) => number;
  /** Said below the table. */
  readonly note?: string;
}

const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);

const measured: readonly Amount[] = [
  { title: 'time', suffix: '', of: ({ seconds }) => seconds, text: renderDuration, whole: sum },
  {
    title: 'processor time',
    suffix: ' of processor time',
    of: ({ processorSeconds }) => processorSeconds,
    text: renderDuration,
    whole: sum,
  },
  {
    title: 'GPU time',
    suffix: ' of GPU time',
    of: ({ gpuSeconds = 0 }) => gpuSeconds || null,
    text: renderDuration,
    whole: sum,
    note: 'GPU time is that for which a stage held a GPU, busy or not.',
  },
  {
    title: 'memory',
    suffix: ' of memory',
    of: ({ peakBytes = null }) => peakBytes,
    text: renderBytes,
    whole: (amounts) => Math.max(...amounts),
    note: 'Memory is the most that all processes of the run held at a time while the stage ran, looked at four times a second.',
  },
  {
    title: 'energy',
    suffix: '',
    of: ({ joules }) => joules,
    text: (joules) => `${renderNumber(joules / 3600)} Wh`,
    whole: sum,
    note: 'Energy is that of the whole processor while the stage ran.',
  },
];

/** What a stage's time costs. */
function priceOf({ perHour, currency }: NonNullable<Report['prices']>): Amount {
  return {
    title: 'price',
    suffix: '',
    of: ({ seconds }) => (seconds / 3600) * perHour,
    text: (value) => renderMoney(value, currency),
    whole: sum,
    note: `The price is ${renderMoney(perHour, currency)} for each hour by the clock.`,
  };
}

const note = 'Each result counts with what it cost to make, also where it was reused.';
const statedNote =
  'These figures are the pull request’s own: the default branch measures the model, it does not train it again.';

/** What the candidate cost to make: time, memory, energy and money, as far as its machine and its project say. */
export function costSection({ cost, prices, stated }: Report): ReportSection | null {
  if (!cost || cost.stages.length === 0) return null;
  const { stages } = cost;
  const known = [...measured, ...(prices ? [priceOf(prices)] : [])].filter(({ of }) =>
    stages.some((stage) => of(stage) !== null),
  );
  const wholes = known.map(({ of, text, whole }) =>
    text(whole(stages.flatMap((stage) => of(stage) ?? []))),
  );
  const cell = ({ of, text }: Amount, stage: Stage) => {
    const value = of(stage);
    return value === null ? '–' : text(value);
  };
  const rows = stages.map((stage) => [stage.stage, ...known.map((one) => cell(one, stage))]);
  const head = ['stage', ...known.map(({ title }) => title)];
  const blocks: Block[] = [
    ...(stated ? [{ kind: 'text', text: statedNote } as const] : []),
    {
      kind: 'table',
      head,
      rows: [...rows, ['all', ...wholes]],
      numeric: known.map((_, index) => index + 1),
    },
    { kind: 'text', text: [note, ...known.flatMap((one) => one.note ?? [])].join(' ') },
  ];
  const title = known.map(({ suffix }, index) => `${wholes[index]}${suffix}`).join(', ');
  return { title: `Cost: ${title}`, folded: true, blocks };
}
