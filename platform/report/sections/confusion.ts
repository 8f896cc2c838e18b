import { renderPercent, renderSigned } from '../../lib/render-number.ts';
import type { Report } from '../report.ts';
import type { Block, ReportCell, ReportSection } from '../section.ts';

/** With more classes the matrix would be too large to read. */
const mostClasses = 20;

/** Truth against answer, `new (±Δ)` where there is a champion; and the quality of each class. */
export function confusionSection(report: Report): ReportSection | null {
  const { classes } = report.project;
  if (classes.length === 0) return null;
  const blocks = [...matrixBlocks(report), perClass(report)];
  return { title: `Confusion: ${renderWorst(report)}`, folded: true, blocks };
}

/** The mistake that is made most often. */
function renderWorst({ confusion, project: { classes } }: Report): string {
  const mistakes = confusion.flatMap((counts, truth) =>
    counts.flatMap((count, answer) => (truth === answer ? [] : [{ count, truth, answer }])),
  );
  const [worst] = mistakes.sort((a, b) => b.count - a.count);
  if (!worst || worst.count === 0) return 'no mistake on the test split';
  const { count, truth, answer } = worst;
  return `most often ${classes[truth] ?? '?'} answered as ${classes[answer] ?? '?'}, ${count} times`;
}

function matrixBlocks(report: Report): Block[] {
  const { classes } = report.project;
  if (classes.length > mostClasses) return [];
  const { comparison } = report;
  const counts = comparison?.confusion ?? report.confusion;
  const difference = comparison?.confusionDifference;
  const rows = classes.map((truth, row) => [
    { text: truth, code: true },
    ...classes.map((_, column) =>
      cellOf(counts[row]?.[column] ?? 0, difference?.[row]?.[column] ?? 0, row === column),
    ),
  ]);
  const head = ['truth ╲ answer', ...classes];
  const shades = classes.map((_, row) => [null, ...shadesOf(counts[row] ?? [])]);
  const numeric = classes.map((_, index) => index + 1);
  const table: Block = { kind: 'table', head, rows, numeric, shades };
  const text =
    'Counts of the candidate on the test examples that both answered; in brackets what they gained or lost against the champion.';
  return comparison ? [table, { kind: 'text', text }] : [table];
}

/** The share of each answer among the examples of one class. */
function shadesOf(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (all === 0 ? 0 : count / all));
}

function cellOf(count: number, difference: number, right: boolean): ReportCell {
  if (difference === 0) return { text: String(count) };
  const tone = difference > 0 === right ? 'good' : 'bad';
  return { text: `${count} (${renderSigned(difference)})`, tone };
}

function perClass(report: Report): Block {
  const rows = report.perClass.map((quality) => [
    { text: quality.class, code: true },
    renderPercent(quality.precision),
    renderPercent(quality.recall),
    renderPercent(quality.f1),
    String(quality.count),
  ]);
  const head = ['class', 'precision', 'recall', 'F1', 'examples'];
  return { kind: 'table', head, rows, numeric: [1, 2, 3, 4] };
}
