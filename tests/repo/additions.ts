/** One row of the table "to add a … touch …" in docs/architecture.md. */
export interface Addition {
  /** What is added: `gate kind`. */
  readonly kind: string;
  /** Files and folders it names, relative to the repository, each cut before its first `<placeholder>`. */
  readonly paths: readonly string[];
}

/**
 * Reads the table under "To add something".
 *
 * @param page the text of docs/architecture.md.
 * @returns rows in the order of the page; paths as written, so a folder ends with a slash.
 */
export function parseAdditions(page: string): Addition[] {
  const [, section = ''] = page.split('\n## To add something\n');
  const [, ...rows] = section.split('\n').filter((line) => /^\| (?!---)/.test(line));
  return rows.map((row) => {
    const [, kind = '', ...cells] = row.split('|').map((cell) => cell.trim());
    return { kind, paths: pathsIn(cells.join(' ')) };
  });
}

/** Code spans that are paths: with a slash or an extension, and without blanks. */
function pathsIn(text: string): string[] {
  const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
  return spans
    .filter((span) => /\/|\.[a-z]+$/.test(span) && !/\s/.test(span))
    .map(beforePlaceholder);
}

/** `docs/<name>.ts` → `docs/` */
function beforePlaceholder(path: string): string {
  const at = path.indexOf('<');
  return at < 0 ? path : path.slice(0, path.lastIndexOf('/', at) + 1);
}
