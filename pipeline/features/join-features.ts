import { MainstemError } from '../../platform/lib/errors.ts';
import { type FeatureDefinition, fieldsOf } from '../../platform/schemas/define/index.ts';
import { type Database, quoteName, quoteText, withDatabase } from './duckdb.ts';
import {
  type Asked,
  fieldType,
  type LoadedView,
  livesAt,
  loadViews,
  prepareMatch,
} from './match-view.ts';
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
    const joins: string[] = [];
    for (const loaded of views) {
      joins.push(await prepareMatch(database, loaded, askRows(asked, loaded)));
    }
    await database.run(`CREATE TABLE joined AS ${renderFound(asked, views, joins)}`);
    const table = renderTable(asked, views, format);
    await database.run(`COPY (${table}) TO ${quoteText(to)} (${options[format]})`);
    return countJoined(database, views);
  });
}

/** Packing harder would take as long as the join, for a seventh of the bytes. */
const options = {
  csv: 'FORMAT csv, HEADER',
  parquet: 'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1',
} as const;

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
function askRows(asked: Source, { keys }: LoadedView): Asked {
  const names = [...asked.columns.keys()];
  const texts = keys.map((key) => {
    // Says it where the rows lack the key.
    const type = typeOf(asked, key);
    return textOf(`asked.c${names.indexOf(key)}`, type);
  });
  return { table: 'asked', keys: texts };
}

/** Each row with what it finds in every view, whether or not that still counts. */
function renderFound(
  asked: Source,
  views: readonly LoadedView[],
  joins: readonly string[],
): string {
  const cells = Array.from(asked.columns, (_, at) => `asked.c${at}`);
  const found = views.flatMap(({ view, at }) => [
    `v${at}.event AS event_${at}`,
    ...view.fields.map((_, field) => `v${at}.f${field} AS v${at}_f${field}`),
  ]);
  const columns = ['asked.rowid AS pos', 'asked.time', ...cells, ...found].join(', ');
  return `SELECT ${columns} FROM asked ${joins.join(' ')}`;
}

/** Cells of a CSV file are text, those of a Parquet file keep their type. */
function renderTable(
  asked: Source,
  views: readonly LoadedView[],
  format: JoinRequest['format'],
): string {
  const shown = (cell: string, type: string) => (format === 'csv' ? textOf(cell, type) : cell);
  const cells = [...asked.columns].map(
    ([name, type], at) => `${shown(`c${at}`, type)} AS ${quoteName(name)}`,
  );
  const fields = views.flatMap((loaded) =>
    loaded.view.fields.map((name, field) => {
      const cell = shown(`v${loaded.at}_f${field}`, fieldType(loaded, name));
      return `CASE WHEN ${livesIn(loaded)} THEN ${cell} END AS ${quoteName(name)}`;
    }),
  );
  return `SELECT ${[...cells, ...fields].join(', ')} FROM joined ORDER BY pos`;
}

function livesIn({ view, at }: LoadedView): string {
  return livesAt(view, `event_${at}`, 'time');
}

async function countJoined(database: Database, views: readonly LoadedView[]): Promise<Joined> {
  const counted = views.flatMap((loaded) => [
    `count(event_${loaded.at})`,
    `count(event_${loaded.at}) FILTER (${livesIn(loaded)})`,
  ]);
  const [counts = []] = await database.rows(`SELECT count(*), ${counted.join(', ')} FROM joined`);
  const [rows = 0, ...each] = counts.map(Number);
  const found = views.map(({ name }, at) => {
    const [matched = 0, present = 0] = each.slice(2 * at);
    const expired = matched - present;
    return [name, { present, missing: rows - present - expired, expired }] as const;
  });
  return { rows, views: Object.fromEntries(found) };
}
