/** What features are joined from, as a definition says it. */
interface Sources {
  readonly rows: { readonly path: string };
  readonly views: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
}

/** The files that features are joined from, each once: the rows that are asked about first. */
export function sourcePaths({ rows, views }: Sources): string[] {
  return [...new Set([rows.path, ...Object.values(views).map(({ source }) => source.path)])];
}

/**
 * What such a file is called in the lock.
 *
 * @example sourceName('data/soil.parquet') // 'features-data-soil-parquet'
 */
export function sourceName(path: string): string {
  return `features-${path.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
}
