import { plural } from '../../lib/plural.ts';
import { renderDifference, renderNumber } from '../../lib/render-number.ts';
import { metricLabel } from '../../quality/index.ts';
import type { Growth, Ranking, WithoutColumns } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, Drawing, ReportCell, ReportSection } from '../section.ts';

const mostRows = 40;
const mostDrawn = 15;

/** What the model loses if a column says nothing any more, and which columns could be dropped. */
export function rankingSection({ ranking, project }: Report): ReportSection | null {
  if (!ranking) return null;
  const [first] = ranking.columns;
  const label = metricLabel(ranking.metric);
  return {
    title: `Columns: ${first?.column ?? 'none'} counts most${proposalTitle(ranking)}`,
    folded: true,
    blocks: [
      columnTable(ranking),
      {
        kind: 'text',
        text:
          `By how much the ${label} of ${ranking.examples} validation examples (${renderNumber(ranking.loss)}) grows if the ` +
          `column’s cells are shuffled among the rows, ${ranking.repeats} times, with the 95 % interval. Everything that comes ` +
          'from a column moves together.',
      },
      { kind: 'text', text: pitfall },
      ...proposalBlocks(ranking, project.name),
      ...droppedBlocks(ranking),
    ],
  };
}

const pitfall =
  'Columns that say the same stand in for each other: shuffled one by one each seems needless, though the model needs one of ' +
  'them. Shuffling also makes rows that never occur (a June with snow), on which no model is right or wrong.';

function proposalTitle({ proposed }: Ranking): string {
  return proposed ? `, ${plural(proposed.columns.length, 'column')} may be needless` : '';
}

function columnTable({ columns }: Ranking): Block {
  const rows = columns
    .slice(0, mostRows)
    .map(({ column, ...growth }) => [{ text: column, code: true }, ...growthCells(growth)]);
  const head = ['column', 'cost of shuffling', '95 % interval'];
  return { kind: 'table', head, rows, numeric: [1, 2], drawing: drawn(columns) };
}

function growthCells(growth: Growth): ReportCell[] {
  return [{ text: renderDifference(growth.growth) }, { text: renderInterval(growth) }];
}

function renderInterval({ low, high }: Growth): string {
  return `${renderDifference(low)} … ${renderDifference(high)}`;
}

function drawn(columns: Ranking['columns']): Drawing {
  const some = columns.slice(0, mostDrawn);
  return {
    ...{ kind: 'intervals', title: 'Cost of shuffling', unit: 'number' },
    names: some.map(({ column }) => column),
    series: [
      {
        name: 'candidate',
        points: some.map(({ growth, low, high }) => ({ value: growth, low, high })),
      },
    ],
  };
}

function proposalBlocks({ weak, proposed, dropped }: Ranking, project: string): Block[] {
  if (!weak)
    return [
      { kind: 'text', text: 'Every column is shown to help: none is proposed to be dropped.' },
    ];
  const alone = `Not shown to help: ${listed(weak.columns)}.`;
  if (!proposed) {
    const why = `${alone} But shuffling them at once costs ${renderGrowth(weak)}: they stand in for each other or for others.`;
    return [{ kind: 'text', text: why }];
  }
  const left = weak.columns.filter((column) => !proposed.columns.includes(column));
  const rest =
    left.length > 0 ? ` ${listed(left)} then have to stay: together they say something.` : '';
  const text =
    `${alone} Worth trying without: ${listed(proposed.columns)}; shuffling ${proposed.columns.length > 1 ? 'them at once' : 'it'} ` +
    `costs ${renderGrowth(proposed)}.${rest}`;
  if (dropped) return [{ kind: 'text', text }];
  return [
    { kind: 'text', text: `${text} What training without them costs:` },
    { kind: 'command', text: `npx mainstem rank ${project} --drop-columns` },
  ];
}

function listed(columns: readonly string[]): string {
  return columns.join(', ');
}

function renderGrowth(growth: Growth): string {
  return `${renderDifference(growth.growth)} (${renderInterval(growth)})`;
}

function droppedBlocks({ dropped, metric }: Ranking): Block[] {
  if (!dropped || dropped.length === 0) return [];
  const rows = dropped.map((one) => [
    { text: listed(one.columns), code: true },
    ...growthCells(one),
    verdictOf(one),
  ]);
  const head = [
    'trained without',
    `validation ${metricLabel(metric)} grows by`,
    '95 % interval',
    '',
  ];
  const text =
    'Trained again without these columns and compared on the same validation examples; the test split was not asked. Another ' +
    'seed changes the loss, too: the interval counts it where the candidate was trained with several (--seeds).';
  return [
    { kind: 'table', head, rows, numeric: [1, 2] },
    { kind: 'text', text },
  ];
}

function verdictOf({ low, high }: WithoutColumns): ReportCell {
  if (low > 0) return { text: 'is missed', tone: 'bad' };
  if (high < 0) return { text: 'better without', tone: 'good' };
  return { text: 'no cost is shown' };
}
