import type { Flip } from '../../schemas/index.ts';
import { number, percent } from '../format.ts';
import type { Report } from '../model.ts';
import type { Cell, Section } from '../section.ts';

const shown = 12;
const heads = {
  accuracy: ['change', 'example', 'truth', 'champion said', 'candidate says'],
  mae: ['change', 'example', 'truth', 'champion said (error)', 'candidate says (error)'],
} as const;
const words = {
  accuracy: { fixed: 'fixed', broken: 'broken', changed: 'still wrong' },
  mae: { fixed: 'closer', broken: 'further', changed: 'as far' },
} as const;

/** The test examples that the two models answer differently, broken ones first. */
export function flipSection({ comparison }: Report): Section | null {
  if (!comparison || comparison.flips === 0) return null;
  const { metric, fixed, broken, flips, flipped } = comparison;
  const of = words[metric];
  const rows = flipped
    .slice(0, shown)
    .map((flip): (Cell | string)[] => [
      flip.change === 'changed'
        ? of.changed
        : { text: of[flip.change], tone: flip.change === 'fixed' ? 'good' : 'bad' },
      { text: flip.id, code: true },
      { text: flip.label, code: true },
      ...answerCells(flip, metric),
    ]);
  const table = { kind: 'table', head: heads[metric], rows, numeric: [] } as const;
  const rest = flips - rows.length;
  const more = { kind: 'text', text: `And ${rest} more.` } as const;
  return {
    title: `Answers that changed: ${fixed} ${of.fixed}, ${broken} ${of.broken}`,
    folded: true,
    blocks: rest > 0 ? [table, more] : [table],
  };
}

function answerCells(flip: Flip, metric: 'accuracy' | 'mae'): string[] {
  const text = (answer: string, size: number) =>
    metric === 'accuracy'
      ? `${answer} (${percent(size)})`
      : `${number(Number(answer))} (${number(size)})`;
  return [text(flip.before, flip.beforeConfidence), text(flip.after, flip.afterConfidence)];
}
