import { MainstemError } from '../../platform/lib/errors.ts';
import { type FeatureDefinition, fieldsOf } from '../../platform/schemas/define/index.ts';
import { type Database, quoteName, quoteText, withDatabase } from './duckdb.ts';
import { fieldType, type LoadedView, livesAt, loadViews, matchView } from './match-view.ts';
import {
  assertTimes,
  cellOf,
  microsOf,
  openSource,
  type Source,
  textOf,
  typeOf,
} from './read-source.ts';

/** How many rows found a view's values, and why the others did not. */
export interface ViewCounts {
  readonly present: number;
  /** There is no row of the entity from before the question. */
  readonly missing: number;
  /** There is one, but its time to live was over. */
  readonly expired: number;
}

/** What a join did. */
export interface Joined {
  readonly rows: number;
  readonly views: Readonly<Record<string, ViewCounts>>;
}

/** What is joined, and where to. */
export interface JoinRequest {
  /** The repository's folder, which the definition's paths start from. */
  readonly root: string;
  readonly definition: FeatureDefinition;
  /** The file to write. */
  readonly to: string;
  readonly format: 'csv' | 'parquet';
}

/**
 * Joins to each row of a definition the features as they were known when the row's question was asked, and writes rows and
 * features as one table, in the order of the rows. Equal files give equal tables.
 *
 * @throws MainstemError DATA_INVALID; errors of the system
 */
export async function joinFeatures({ root, definition, to, format }: JoinRequest): Promise<Joined> {
  return withDatabase(async (database) => {
    const asked = await loadRows(database, root, definition);
    const views = await loadViews(database, root, definition);
    for (const loaded of views) {
      await database.run(`CREATE TABLE ask_${loaded.at} AS ${askRows(asked, loaded)}`);
      await matchView(database, loaded);
    }
    const joined = renderJoin(asked, views, format);
    const options = format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet, COMPRESSION zstd';
    await database.run(`COPY (${joined}) TO ${quoteText(to)} (${options})`);
    return countJoined(database, views);
  });
}

/** Loads the rows into a table `asked`: their cells as `c0`, `c1`, …, and `time` in microseconds. */
async function loadRows(
  database: Database,
  root: string,
  definition: FeatureDefinition,
): Promise<Source> {
  const { path, time } = definition.rows;
  const source = await openSource(database, root, path);
  const taken = fieldsOf(definition).find((field) => source.columns.has(field));
  if (taken !== undefined) {
    const reason = `it has a column ${taken}, which a view is to fill; leave it out of one of them`;
    throw new MainstemError('DATA_INVALID', { path, reason });
  }
  const cells = [...source.columns.keys()].map((name, at) => `${cellOf(source, name)} AS c${at}`);
  const columns = [...cells, `${microsOf(source, time)} AS time`];
  await database.run(`CREATE TABLE asked AS SELECT ${columns.join(', ')} FROM ${source.from}`);
  await assertTimes(database, source, { table: 'asked', read: 'time', column: time });
  return source;
}

/** The questions of the rows about a view's entities. */
function askRows(asked: Source, { keys }: LoadedView): string {
  const names = [...asked.columns.keys()];
  const texts = keys.map((key, at) => {
    // Says it where the rows lack the key.
    const type = typeOf(asked, key);
    return `${textOf(`c${names.indexOf(key)}`, type)} AS k${at}`;
  });
  return `SELECT ${[...texts, 'time', 'rowid AS pos'].join(', ')} FROM asked`;
}

/** Cells of a CSV file are text, those of a Parquet file keep their type. */
function renderJoin(
  asked: Source,
  views: readonly LoadedView[],
  format: JoinRequest['format'],
): string {
  const shown = (cell: string, type: string) => (format === 'csv' ? textOf(cell, type) : cell);
  const cells = [...asked.columns].map(
    ([name, type], at) => `${shown(`asked.c${at}`, type)} AS ${quoteName(name)}`,
  );
  const fields = views.flatMap((loaded) =>
    loaded.view.fields.map((name, field) => {
      const cell = shown(`v${loaded.at}.f${field}`, fieldType(loaded, name));
      return `${cell} AS ${quoteName(name)}`;
    }),
  );
  const joins = views.map(({ view, at }) => {
    const lives = livesAt(view, `v${at}.event`, 'asked.time');
    return (
      `LEFT JOIN match_${at} AS m${at} ON m${at}.pos = asked.rowid ` +
      `LEFT JOIN view_${at} AS v${at} ON v${at}.rowid = m${at}.row AND ${lives}`
    );
  });
  return `SELECT ${[...cells, ...fields].join(', ')} FROM asked ${joins.join(' ')} ORDER BY asked.rowid`;
}

async function countJoined(database: Database, views: readonly LoadedView[]): Promise<Joined> {
  const [[all = '0'] = []] = await database.rows('SELECT count(*) FROM asked');
  const rows = Number(all);
  const counts: [string, ViewCounts][] = [];
  for (const { name, view, at } of views) {
    const lives = livesAt(view, 'v.event', 'a.time');
    const [[matched, living] = []] = await database.rows(
      `SELECT count(*), count(*) FILTER (${lives}) FROM match_${at} AS m ` +
        `JOIN view_${at} AS v ON v.rowid = m.row JOIN asked AS a ON a.rowid = m.pos`,
    );
    const present = Number(living);
    const expired = Number(matched) - present;
    counts.push([name, { present, missing: rows - present - expired, expired }]);
  }
  return { rows, views: Object.fromEntries(counts) };
}
