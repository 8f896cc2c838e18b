const others = { ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' };

/** What may separate the cells of a file that should be one of commas. */
export interface Separator {
  /** In words: `semicolons`. */
  readonly words: string;
  /** How many commas there are besides in the first line, outside quotes. */
  readonly commas: number;
}

/**
 * Finds a separator that is more frequent in the first line than commas: decimal commas would make rows of unequal length
 * of a file that has semicolons, as spreadsheets of many countries save it.
 */
export function findSeparator(content: Buffer): Separator | null {
  const start = content.toString('latin1', 0, 65_536).trim();
  const [line = ''] = start.split(/[\r\n]/, 1);
  const names = line.trim().replace(/"[^"]*"/g, '');
  const count = (separator: string) => names.split(separator).length - 1;
  const commas = count(',');
  const found = Object.entries(others).find(([separator]) => count(separator) > commas);
  return found ? { words: found[1], commas } : null;
}
