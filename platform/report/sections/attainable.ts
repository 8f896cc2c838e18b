import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import { showName } from '../../lib/text.ts';
import { accuracy, logLoss } from '../../quality/index.ts';
import type { Attainable, AttainableClasses, AttainableNumbers } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, ReportSection } from '../section.ts';
import { differenceCell, numbersTable, numbersTitle, reachedByLine } from './attainable-numbers.ts';

type Linear = Attainable['linear'][number];

const learntFrom: Readonly<Record<Linear['space'], string>> = {
  features: 'the features of the backbone',
  columns: 'the columns of the table',
  pixels: 'small pixels',
};

/** Whether a linear model, or answering without looking, is shown to do better on the validation split. */
export function isBelowLinear({ attainable }: Report): boolean {
  if (!attainable) return false;
  const simpler = isOfNumbers(attainable)
    ? [...attainable.linear, attainable.median]
    : attainable.linear;
  return simpler.some(({ low }) => low > 0);
}

function isOfNumbers(attainable: Attainable): attainable is AttainableNumbers {
  return 'median' in attainable;
}

/** The model beside what linear models reach, and what would help most. */
export function attainableSection(report: Report): ReportSection | null {
  const { attainable } = report;
  if (!attainable) return null;
  return {
    title: isOfNumbers(attainable) ? numbersTitle(attainable) : titleOf(attainable),
    folded: !isBelowLinear(report),
    blocks: [
      isOfNumbers(attainable) ? numbersTable(attainable) : tableOf(attainable),
      { kind: 'text', text: howMeasured(attainable) },
      ...adviceOn(report, attainable).map((text) => ({ kind: 'text', text }) as const),
    ],
  };
}

function titleOf({ model, linear }: AttainableClasses): string {
  const [best] = linear.toSorted((a, b) => a.logLoss - b.logLoss);
  if (!best) return 'Attainable';
  const than = `a linear model on ${learntFrom[best.space]}`;
  if (best.low > 0) {
    const shares = `${renderPercent(best.accuracy)} against ${renderPercent(model.accuracy)}`;
    return `Attainable: ${than} does better (${shares})`;
  }
  return `Attainable: ${best.high < 0 ? 'better than' : 'not shown to differ from'} ${than}`;
}

function tableOf({ model, linear }: AttainableClasses): Block {
  const rows = linear.map((one) => [
    `linear, on ${learntFrom[one.space]}`,
    renderPercent(one.accuracy),
    renderNumber(one.logLoss),
    differenceCell(one),
  ]);
  return {
    kind: 'table',
    head: ['', accuracy.label, logLoss.label, 'the candidate loses more by'],
    rows: [['candidate', renderPercent(model.accuracy), renderNumber(model.logLoss), '–'], ...rows],
    numeric: [1, 2, 3],
  };
}

function howMeasured({ examples, learnt, of }: Attainable): string {
  const taught = learnt < of ? `${learnt} of ${of} training examples` : `${of} training examples`;
  return (
    `On ${examples} validation examples; the linear models learnt from ${taught}. What they reach can be had, so a network or trees ` +
    'that reach less have learnt less than there is.'
  );
}

function adviceOn(report: Report, attainable: Attainable): string[] {
  return [adviceOnModel(report), adviceOnAmount(attainable), adviceOnClass(attainable)].filter(
    (text) => text !== null,
  );
}

function adviceOnModel(report: Report): string | null {
  const { project, importance, attainable } = report;
  const photos = project.task === 'image-classification';
  const embedded = attainable?.linear.some(({ space }) => space === 'features') ?? false;
  if (photos && !embedded) {
    return 'A backbone that was trained on many other photos usually tells natural photos apart better (docs/backbones.md).';
  }
  if (!isBelowLinear(report)) return null;
  if (importance) return 'More trees, a lower learning rate or a network may reach it.';
  return 'More epochs, another learning rate or less regularisation may reach it.';
}

function adviceOnAmount(attainable: Attainable): string | null {
  const { half } = attainable;
  const [all] = attainable.linear;
  if (!all) return null;
  const reached = isOfNumbers(attainable) ? reachedByLine(attainable) : reachedBy(attainable);
  const found =
    `On ${learntFrom[all.space]} a linear model reaches ${reached.half} from half of the training examples and ` +
    `${reached.all} from all`;
  return half.low > 0
    ? `${found}: further examples would help.`
    : `${found}, which is not shown to be better: further examples of the same kind may help little.`;
}

function reachedBy({ half, linear: [all] }: AttainableClasses) {
  const show = ({ accuracy, logLoss }: AttainableClasses['model']) =>
    `${renderPercent(accuracy)} (log loss ${renderNumber(logLoss)})`;
  return { half: show(half), all: show(all ?? half) };
}

function adviceOnClass(attainable: Attainable): string | null {
  if (isOfNumbers(attainable) || !attainable.weakest) return null;
  const { label, right, of } = attainable.weakest;
  return `Examples of ${showName(label)} help most: ${right} of ${of} are answered right.`;
}
