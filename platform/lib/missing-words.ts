/**
 * Texts that stand for "no value" in a column of numbers, in lower case, for everything that reads tables: what
 * spreadsheets, R, pandas and databases write there.
 */
export const missingWords: readonly string[] = [
  ...['', 'na', 'n/a', 'n.a.', '#n/a', '#na', '<na>', 'nan', '-nan', '#nan'],
  ...['null', '#null!', 'none', 'nil', 'missing', 'unknown', '?', '-', '--', '.'],
];

/**
 * Whether a text stands for "no value" in a column of numbers, however it is written and whatever blanks are around it.
 *
 * @example isMissingWord(' n/a ') // true
 */
export function isMissingWord(text: string): boolean {
  return known.has(text.trim().toLowerCase());
}

const known: ReadonlySet<string> = new Set(missingWords);
