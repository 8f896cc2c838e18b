import { plural } from '../../lib/plural.ts';
import { renderNumber, renderSigned } from '../../lib/render-number.ts';
import { showName } from '../../lib/text.ts';
import type { DataReview, ReviewedExample } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, ReportCell, ReportSection, Table } from '../section.ts';

/** What changed in the data, example by example: what a reviewer of new data looks at. */
export function reviewSection({ review }: Report): ReportSection | null {
  if (!review) return null;
  return {
    title: `Data review: ${countsOf(review) || 'the same examples'}`,
    folded: true,
    blocks: [
      splitTable(review),
      ...exampleBlocks(review, 'added', 'Added examples'),
      ...exampleBlocks(review, 'relabelled', 'Examples with another label'),
      ...exampleBlocks(review, 'removed', 'Removed examples'),
      ...changedRowBlocks(review),
      ...driftBlocks(review),
      ...privacyBlocks(review),
    ],
  };
}

function countsOf({
  added,
  removed,
  relabelled,
  moved,
  dealtAgain,
  changedRows,
}: DataReview): string {
  const counts: [number, string][] = [
    [added.count, 'added'],
    [removed.count, 'removed'],
    [relabelled.count, 'relabelled'],
    [moved, 'moved'],
    [changedRows?.count ?? 0, 'changed by key'],
    [dealtAgain, 'in another split'],
  ];
  return counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

function splitTable({ splits }: DataReview): Table {
  const rows = Object.entries(splits).map(([name, { before, after, added }]) => [
    { text: name, code: true },
    ...[String(before), String(after), renderSigned(after - before), String(added)],
  ]);
  const head = ['split', 'before', 'after', 'Δ', 'added'];
  return { kind: 'table', head, rows, numeric: [1, 2, 3, 4] };
}

function exampleBlocks(
  review: DataReview,
  which: 'added' | 'relabelled' | 'removed',
  title: string,
): Block[] {
  const { count, shown } = review[which];
  if (count === 0) return [];
  const relabelled = which === 'relabelled';
  const rows = shown.map((one) => rowOf(one, relabelled));
  const sheet = relabelled ? {} : { sheet: shown.map(({ label }) => showName(label)) };
  const photos =
    review.kind === 'images' ? { photos: shown.map(({ digest }) => digest), ...sheet } : {};
  const head = ['example', ...(relabelled ? ['label before'] : []), 'label', 'split'];
  const more = count > shown.length ? `, ${shown.length} of ${count} shown` : '';
  const table: Block = { kind: 'table', head, rows, numeric: [], ...photos };
  return [{ kind: 'text', text: `${title}${more}:` }, table];
}

function rowOf({ id, row, label, from, split }: ReviewedExample, relabelled: boolean) {
  const cells: (ReportCell | string)[] = [
    { text: row === undefined ? id : `row ${row}`, code: true },
    ...(relabelled ? [{ text: from ?? '', code: true }] : []),
    { text: label, code: true },
    split,
  ];
  return cells;
}

function changedRowBlocks({ changedRows }: DataReview): Block[] {
  if (!changedRows || changedRows.count === 0) return [];
  const rows = changedRows.shown.map(({ value, columns }) => [
    { text: value, code: true },
    { text: columns.join(', '), code: true },
  ]);
  const head = [changedRows.key, 'changed columns'];
  return [{ kind: 'table', head, rows, numeric: [] }];
}

function driftBlocks({ drift, added }: DataReview): Block[] {
  if (drift.columns === 0) return [];
  const { columns, found } = drift;
  const rows = found.map((one) => [
    { text: one.column, code: true },
    one.before,
    one.added,
    renderNumber(one.psi),
    renderNumber(one.bound),
  ]);
  const head = ['column', 'before', 'added', 'PSI', 'by chance at most'];
  const table: Block = { kind: 'table', head, rows, numeric: [3, 4] };
  const text =
    `${plural(columns, 'column')} of the ${added.count} added examples compared with those that were there: ` +
    `${found.length === 0 ? 'none' : found.length} ${found.length > 1 ? 'differ' : 'differs'} by more than chance explains (99 % each).`;
  return [...(found.length > 0 ? [table] : []), { kind: 'text', text }];
}

/** What people may not have meant to give away. */
function privacyBlocks({ privacy }: DataReview): Block[] {
  if (!privacy || privacy.examined === 0) return [];
  const { examined, of, traces } = privacy;
  const many = examined < of ? `${examined} of ${of} added photos` : plural(of, 'added photo');
  if (traces.length === 0) {
    return [{ kind: 'text', text: `${many}: none says where, when or by whom it was taken.` }];
  }
  const rows = traces.map(({ name, count, examples }) => [
    ...[name, String(count)],
    { text: examples.join(', '), code: true },
  ]);
  const head = ['carried beside the pixels', 'photos', 'for example'];
  const text =
    `Read in ${many}. The network never sees it, and the photos in this report are copies without it, but whoever gets the data gets ` +
    'it too. "exiftool -all= --icc_profile:all -tagsfromfile @ -orientation -overwrite_original -r <folder>" ' +
    'removes it and keeps photos upright and their colours.';
  return [
    { kind: 'table', head, rows, numeric: [1] },
    { kind: 'text', text },
  ];
}
