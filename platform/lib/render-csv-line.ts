/** One line of CSV, without its end. */
export function renderCsvLine(cells: readonly string[], separator = ','): string {
  return cells
    .map((cell) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(separator);
}
