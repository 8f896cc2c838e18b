/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly found: string;
  /** What it should be, and whether it is. */
  readonly goal?: { readonly text: string; readonly met: boolean };
}

/** A Markdown table; lines without a goal are there for comparison. */
export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map(({ what, found, goal }) => {
    const verdict = goal ? `${goal.text}: ${goal.met ? 'met' : '**missed**'}` : '';
    return `| ${what} | ${found} | ${verdict} |`;
  });
  return ['| what | found | goal |', '| --- | --- | --- |', ...lines].join('\n');
}

/** The value below which a share of the values lies; NaN if there is none. @example quantile([1, 2, 3], 0.5) // 2 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** @example renderMs(0.8) // '0.8 ms', renderMs(2345) // '2.35 s' */
export function renderMs(ms: number): string {
  if (Number.isNaN(ms)) return 'none';
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

/** @example renderMb(209.4) // '209 MB' */
export function renderMb(megabytes: number): string {
  return Number.isNaN(megabytes) ? 'not measured' : `${Math.round(megabytes)} MB`;
}

/** How often each occurs, in the order of the names. @example renderCounts([200, 200, 400]) // '200: 2, 400: 1' */
export function renderCounts(values: readonly (string | number)[]): string {
  const counts = [...Map.groupBy(values, String)].map(([name, same]) => `${name}: ${same.length}`);
  return counts.sort().join(', ') || 'none';
}
