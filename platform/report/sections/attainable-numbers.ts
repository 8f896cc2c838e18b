import { renderDifference, renderNumber } from '../../lib/render-number.ts';
import { mae } from '../../quality/index.ts';
import type { AttainableNumbers } from '../../schemas/index.ts';
import type { Block, ReportCell } from '../section.ts';

type Difference = Pick<AttainableNumbers['median'], 'difference' | 'low' | 'high'>;

const always = 'always the median';
const linearly = 'linear, on the columns of the table';

/** What is shown of a regression beside a linear model of its columns, and beside answering without looking. */
export function numbersTitle({ model, median, linear: [linear] }: AttainableNumbers): string {
  const against = (reached: number) =>
    `(mean absolute error ${renderNumber(reached)} against ${renderNumber(model.mae)})`;
  if (linear && linear.low > 0) {
    return `Attainable: a linear model on the columns does better ${against(linear.mae)}`;
  }
  if (median.low > 0) {
    return `Attainable: always answering with the median does better ${against(median.mae)}`;
  }
  if (median.high >= 0) return 'Attainable: not shown to be better than always the median';
  return `Attainable: ${linear && linear.high < 0 ? 'better than' : 'not shown to differ from'} a linear model on the columns`;
}

/** What the linear model reaches, from half of the rows and from all. */
export function reachedByLine({ half, linear: [all] }: AttainableNumbers) {
  const show = (one: AttainableNumbers['model']) => `an error of ${renderNumber(one.mae)}`;
  return { half: show(half), all: show(all ?? half) };
}

/** The model, the linear one and the median beside each other. */
export function numbersTable({ model, median, linear }: AttainableNumbers): Block {
  const rowOf = (name: string, one: AttainableNumbers['median']) => [
    name,
    renderNumber(one.mae),
    differenceCell(one),
  ];
  return {
    kind: 'table',
    head: ['', mae.label, 'the candidate is further off by'],
    rows: [
      ['candidate', renderNumber(model.mae), '–'],
      ...linear.map((one) => rowOf(linearly, one)),
      rowOf(always, median),
    ],
    numeric: [1, 2],
  };
}

/** A difference with its interval, coloured where it is shown. */
export function differenceCell({ difference, low, high }: Difference): ReportCell | string {
  const text = `${renderDifference(difference)} (${renderDifference(low)} … ${renderDifference(high)})`;
  if (low > 0) return { text, tone: 'bad' };
  return high < 0 ? { text, tone: 'good' } : text;
}
