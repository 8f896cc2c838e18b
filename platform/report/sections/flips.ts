import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import type { Flip } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, ReportCell, ReportSection } from '../section.ts';

const shown = 12;
/** What a changed answer is called, and how one reads. */
interface Wording {
  readonly head: readonly string[];
  readonly changes: Readonly<Record<Flip['change'], string>>;
  /** @param size its probability; for regression its absolute error */
  readonly answer: (answer: string, size: number) => string;
}

const classWording: Wording = {
  head: ['change', 'example', 'truth', 'champion said', 'candidate says'],
  changes: { fixed: 'fixed', broken: 'broken', changed: 'still wrong' },
  answer: (answer, size) => `${answer} (${renderPercent(size)})`,
};

const valueWording: Wording = {
  head: ['change', 'example', 'truth', 'champion said (error)', 'candidate says (error)'],
  changes: { fixed: 'closer', broken: 'further', changed: 'as far' },
  answer: (answer, size) => `${renderNumber(Number(answer))} (${renderNumber(size)})`,
};

/** The test examples that the two models answer differently, broken ones first. */
export function flipSection({ comparison, project }: Report): ReportSection | null {
  if (!comparison || comparison.flips === 0) return null;
  const { fixed, broken, flips, flipped } = comparison;
  const { head, changes, answer } =
    project.task === 'tabular-regression' ? valueWording : classWording;
  const rows = flipped
    .slice(0, shown)
    .map((flip): (ReportCell | string)[] => [
      flip.change === 'changed'
        ? changes.changed
        : { text: changes[flip.change], tone: flip.change === 'fixed' ? 'good' : 'bad' },
      { text: flip.row === undefined ? flip.id : `row ${flip.row}`, code: true },
      { text: flip.label, code: true },
      answer(flip.before, flip.beforeConfidence),
      answer(flip.after, flip.afterConfidence),
    ]);
  const photos =
    project.task === 'image-classification'
      ? { photos: flipped.slice(0, shown).map(({ digest }) => digest) }
      : {};
  const table: Block = { kind: 'table', head, rows, numeric: [], ...photos };
  const rest = flips - rows.length;
  const more = { kind: 'text', text: `And ${rest} more.` } as const;
  return {
    title: `Answers that changed: ${fixed} ${changes.fixed}, ${broken} ${changes.broken}`,
    folded: true,
    blocks: rest > 0 ? [table, more] : [table],
  };
}
