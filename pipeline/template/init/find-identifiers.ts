import type { ColumnSurvey } from './survey-table.ts';

/** Whether a column names rows or things instead of describing them, so that a network could only learn it by heart. */
export function isIdentifier(column: ColumnSurvey): boolean {
  return isNamedIdentifier(column) || (!column.numeric && distinctShare(column) >= neverRepeats);
}

/** Whether whole numbers rise by one from row to row, as a spreadsheet or a program numbers them. */
export function countsRows({ numeric, numbers }: ColumnSurvey): boolean {
  if (!numeric || numbers.length < 3) return false;
  return numbers.every((value, row) => row === 0 || value === (numbers[row - 1] ?? 0) + 1);
}

/** The column by which the rows should be dealt to the splits. */
export interface GroupColumn {
  readonly name: string;
  /** It says which thing a row is about, and several rows are about one. */
  readonly repeats: boolean;
}

/**
 * Chooses the column that says which thing a row is about: one that several rows share, because these must not be on
 * both sides of a split; otherwise one that names each row, because a row then keeps its split when its cells change.
 */
export function chooseGroup(columns: readonly ColumnSurvey[]): GroupColumn | null {
  const named = columns.filter((column) => isNamedIdentifier(column) || isCode(column));
  const shared = named.find((column) => distinctShare(column) < neverRepeats);
  const chosen = shared ?? named.find(({ missing }) => missing === 0);
  return chosen ? { name: chosen.name, repeats: chosen === shared } : null;
}

const neverRepeats = 0.95;
/** A named identifier with fewer values, or a smaller share of the rows, may as well be a category. */
const fewestThings = 20;
const smallestShare = 0.05;

const identifierName = /(^|[^a-z])(id|key|uuid|guid)$/i;
const joinedName = /[a-z](Id|ID|Key)$/;
/** These may number the rows of a file, which says nothing about a row once they are sorted. */
const numberName = /(^|[^a-z])(index|number|no|nr)$/i;

function isNamedIdentifier(column: ColumnSurvey): boolean {
  const { name, numeric, numbers } = column;
  const named = identifierName.test(name) || joinedName.test(name);
  if (!named && !numberName.test(name)) return false;
  if (numeric && !numbers.every(Number.isInteger)) return false;
  const share = distinctShare(column);
  if (numberName.test(name)) return share >= neverRepeats && !countsRows(column);
  const many = column.distinct >= fewestThings && share >= smallestShare;
  return many || share >= neverRepeats;
}

/** Words of letters and digits that never repeat, such as `AB-1203`, or long hexadecimal ones. */
function isCode(column: ColumnSurvey): boolean {
  const { numeric, present } = column;
  const code = /^\p{L}\S*\d\S*$|^[0-9a-f-]{16,}$/iu;
  return (
    !numeric &&
    distinctShare(column) >= neverRepeats &&
    column.countCells((cell) => code.test(cell)) === present
  );
}

function distinctShare({ present, distinct }: ColumnSurvey): number {
  return distinct / Math.max(1, present);
}
