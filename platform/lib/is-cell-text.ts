/**
 * Whether a table in UTF-8 can hold a text and give it back: no half of a surrogate pair, no zero, and no replacement
 * character, which the reader of tables takes for a lost letter.
 *
 * @example isCellText('female') // true
 */
export function isCellText(text: string): boolean {
  return text.isWellFormed() && !/[\0\ufffd]/.test(text);
}
