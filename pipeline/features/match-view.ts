import { durationOf } from '../../platform/lib/parse-duration.ts';
import {
  columnOf,
  type FeatureDefinition,
  type FeatureView,
  keysOf,
  timesOf,
} from '../../platform/schemas/define/index.ts';
import type { Database } from './duckdb.ts';
import {
  assertTimes,
  cellOf,
  microsOf,
  openSource,
  type Source,
  textOfColumn,
  typeOf,
} from './read-source.ts';

/** A view of a definition, with its source opened and loaded. */
export interface LoadedView {
  readonly name: string;
  readonly view: FeatureView;
  readonly keys: readonly string[];
  readonly source: Source;
  /** The view's number, which ends the names of its tables. */
  readonly at: number;
}

/**
 * Loads the sources of all views into tables `view_<at>`: the keys as text (`k0`, `k1`, …), the fields in their own type
 * (`f0`, …), `event` and, where the view has one, `created` in microseconds.
 *
 * @throws MainstemError DATA_INVALID; errors of the system
 */
export async function loadViews(
  database: Database,
  root: string,
  definition: FeatureDefinition,
): Promise<LoadedView[]> {
  const views: LoadedView[] = [];
  for (const [at, [name, view]] of Object.entries(definition.views).entries()) {
    const source = await openSource(database, root, view.source.path);
    const loaded = { name, view, keys: keysOf(definition, view), source, at };
    await loadView(database, loaded);
    views.push(loaded);
  }
  return views;
}

async function loadView(database: Database, { view, keys, source, at }: LoadedView): Promise<void> {
  const { time, created } = timesOf(view.source);
  const nameOf = (name: string) => columnOf(view.source, name);
  const columns = [
    ...keys.map((name, key) => `${textOfColumn(source, nameOf(name))} AS k${key}`),
    ...view.fields.map((name, field) => `${cellOf(source, nameOf(name))} AS f${field}`),
    `${microsOf(source, time)} AS event`,
    ...(created === undefined ? [] : [`${microsOf(source, created)} AS created`]),
  ];
  const table = `view_${at}`;
  await database.run(`CREATE TABLE ${table} AS SELECT ${columns.join(', ')} FROM ${source.from}`);
  await assertTimes(database, source, { table, read: 'event', column: time });
  if (created === undefined) return;
  await assertTimes(database, source, { table, read: 'created', column: created });
}

/** Questions about the entities of a view. */
export interface Asked {
  /** The table that has them. */
  readonly table: string;
  /** SQL of its keys as text, in the order of the view; missing where a question is about nobody. */
  readonly keys: readonly string[];
}

/**
 * Prepares that questions find the row of a view that was known then: of the rows of its entity with an event time and a time of
 * writing not after the question, the one with the latest event time; of several, the one written last, and of those the
 * last in the file. The time to live is not looked at.
 *
 * @returns SQL to join to a table of questions with `time` in microseconds: the row is `v<at>`, with `event` and the fields `f0`, …;
 *   all of it is missing where none was known
 */
export async function prepareMatch(
  database: Database,
  { view, keys, at }: LoadedView,
  asked: Asked,
): Promise<string> {
  const names = keys.map((_, key) => `k${key}`);
  const given = asked.keys.map((key) => `${key} IS NOT NULL`).join(' AND ');
  const texts = asked.keys.map((key, place) => `${key} AS k${place}`).join(', ');
  // Numbers are compared faster than texts, and each text is compared once.
  await database.run(
    `CREATE TABLE id_${at} AS SELECT *, CAST(row_number() OVER () AS INTEGER) AS id ` +
      `FROM (SELECT DISTINCT ${texts} FROM ${asked.table} WHERE ${given})`,
  );
  const fields = ['event', ...view.fields.map((_, field) => `f${field}`)].join(', ');
  const rows = `view_${at} AS v JOIN id_${at} USING (${names.join(', ')})`;
  const isAbout = asked.keys.map((key, place) => `${key} = id_${at}.k${place}`).join(' AND ');
  const time = `${asked.table}.time`;
  const { known, until } =
    timesOf(view.source).created === undefined
      ? await findByEvent(database, { at, rows, fields, time })
      : await findByKnown(database, { at, rows, fields, time });
  return (
    `LEFT JOIN id_${at} ON ${isAbout} ASOF LEFT JOIN (${known}) AS v${at} ` +
    `ON id_${at}.id = v${at}.id AND ${until} >= v${at}.since`
  );
}

/** The SQL of a view that an as-of join is put together from. */
type Parts = Readonly<Record<'rows' | 'fields' | 'time', string>> & Readonly<{ at: number }>;

/** SQL of the rows that can be found, with `id` and `since`, and of what the last `since` may be for a question. */
type Findable = Readonly<Record<'known' | 'until', string>>;

/** An as-of join takes any of several rows with the same time, so the place in the file is made part of it. */
async function findByEvent(
  database: Database,
  { at, rows, fields, time }: Parts,
): Promise<Findable> {
  const range = `SELECT min(event), max(event), count(*) FROM view_${at}`;
  const [[first, last, count] = []] = await database.rows(range);
  const [start, end, places] = [BigInt(first ?? 0), BigInt(last ?? 0), BigInt(count ?? 0)];
  const fits = (end - start + 2n) * places < 2n ** 63n;
  // Numbers of 128 bits take a fifth longer to join.
  const type = fits ? 'BIGINT' : 'HUGEINT';
  const since = (moment: string) => `(${moment}::${type} - ${start}) * ${places}`;
  // A question from before the first row finds none, however long before.
  const asked = `least(greatest(${time}, ${start - 1n}), ${end})`;
  return {
    known: `SELECT id, ${since('event')} + v.rowid AS since, ${fields} FROM ${rows}`,
    until: `${since(asked)} + ${places - 1n}`,
  };
}

/**
 * A row that was written late does not count before, and a value of an older event that comes later does not replace a
 * newer one: for each moment at which something of an entity became known, the best row known by then.
 */
async function findByKnown(
  database: Database,
  { at, rows, fields, time }: Parts,
): Promise<Findable> {
  // Rows from the one that counts least to the one that counts most, once all are known.
  await database.run(
    `CREATE TABLE ranked_${at} AS SELECT id, greatest(event, created) AS since, ${fields} ` +
      `FROM ${rows} ORDER BY event, created, v.rowid`,
  );
  // Of the same moment all have the same best row.
  const best = `SELECT id, since, max(rowid) OVER (PARTITION BY id ORDER BY since) AS best FROM ranked_${at}`;
  const known =
    `SELECT best.id, best.since, ${fields} ` +
    `FROM (${best}) AS best JOIN (SELECT rowid AS row, ${fields} FROM ranked_${at}) ON row = best`;
  return { known, until: time };
}

/** The type of a field of a view. */
export function fieldType({ view, source }: LoadedView, field: string): string {
  return typeOf(source, columnOf(view.source, field));
}

/** SQL for whether a row of a view still counts at a time: up to and including the end of its time to live. */
export function livesAt({ ttl }: FeatureView, event: string, time: string): string {
  return ttl === undefined ? 'true' : `${event} + ${durationOf(ttl) * 1000} >= ${time}`;
}
