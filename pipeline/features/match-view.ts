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

/**
 * Finds for each question the row of a view that was known then: of the rows of its entity with an event time and a time of
 * writing not after the question, the one with the latest event time; of several, the one written last, and of those the
 * last in the file. The time to live is not looked at.
 *
 * Reads a table `ask_<at>` with the keys, `time` in microseconds and `pos`; leaves `match_<at>` with `pos` and `row`, the
 * rowid in `view_<at>`, for the questions that have one.
 */
export async function matchView(database: Database, { view, keys, at }: LoadedView): Promise<void> {
  const names = keys.map((_, key) => `k${key}`);
  const using = `USING (${names.join(', ')})`;
  const given = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  // Numbers are compared faster than texts, and each text is compared once.
  await database.run(
    `CREATE TABLE id_${at} AS SELECT *, CAST(row_number() OVER () AS INTEGER) AS id ` +
      `FROM (SELECT DISTINCT ${names.join(', ')} FROM ask_${at} WHERE ${given})`,
  );
  const rows = `view_${at} AS v JOIN id_${at} ${using}`;
  const known =
    timesOf(view.source).created === undefined ? latestByEvent(rows) : latestKnown(rows);
  await database.run(`CREATE TABLE known_${at} AS ${known}`);
  await database.run(
    `CREATE TABLE match_${at} AS SELECT a.pos, k.row ` +
      `FROM (SELECT id, time, pos FROM ask_${at} JOIN id_${at} ${using}) AS a ` +
      `ASOF JOIN known_${at} AS k ON a.id = k.id AND a.time >= k.since`,
  );
}

/** An as-of join takes any of several rows with the same time; so only the last of them is left. */
function latestByEvent(rows: string): string {
  return `SELECT id, event AS since, max(v.rowid) AS row FROM ${rows} GROUP BY id, event`;
}

/**
 * A row that was written late does not count before, and a value of an older event that comes later does not replace a
 * newer one: for each moment at which something of an entity became known, the best row known by then.
 */
function latestKnown(rows: string): string {
  return (
    'WITH ranked AS (SELECT id, greatest(event, created) AS since, v.rowid AS row, ' +
    `row_number() OVER (ORDER BY event, created, v.rowid) AS rank FROM ${rows}), ` +
    'best AS (SELECT id, since, max(rank) AS rank FROM ranked GROUP BY id, since), ' +
    'running AS (SELECT id, since, max(rank) OVER (PARTITION BY id ORDER BY since) AS rank FROM best) ' +
    'SELECT running.id, running.since, ranked.row FROM running JOIN ranked USING (rank)'
  );
}

/** The type of a field of a view. */
export function fieldType({ view, source }: LoadedView, field: string): string {
  return typeOf(source, columnOf(view.source, field));
}

/** SQL for whether a row of a view still counts at a time: up to and including the end of its time to live. */
export function livesAt({ ttl }: FeatureView, event: string, time: string): string {
  return ttl === undefined ? 'true' : `${event} + ${durationOf(ttl) * 1000} >= ${time}`;
}
