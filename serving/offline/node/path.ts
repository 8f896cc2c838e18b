/* What the table of picture formats uses of Node's paths, for a browser. */

/** The extension of a file's name with its dot; '' where it has none. */
export function extname(path: string): string {
  return /[^/](\.[^./]*)$/.exec(path)?.[1] ?? '';
}
