import type { FeatureSnapshot, ViewSnapshot } from '../../platform/features/index.ts';
import { durationOf } from '../../platform/lib/parse-duration.ts';
import { digestFeatures, type FeatureDefinition } from '../../platform/schemas/define/index.ts';
import { type Database, withDatabase } from './duckdb.ts';
import { fieldType, type LoadedView, loadViews, prepareMatch } from './match-view.ts';
import { textOf } from './read-source.ts';

/** Of what a snapshot is made. */
export interface SnapshotRequest {
  readonly root: string;
  readonly project: string;
  readonly definition: FeatureDefinition;
  /** Up to when: nothing that became known later is in it. */
  readonly at: Date;
}

/**
 * Builds what the server looks up: for each entity what a point-in-time join finds at one moment, found by the same
 * statements. A value whose time to live is over by then stays in it, because "expired" says more than "missing".
 *
 * @throws MainstemError DATA_INVALID; errors of the system
 */
export async function buildSnapshot(request: SnapshotRequest): Promise<FeatureSnapshot> {
  const { root, project, definition, at } = request;
  return withDatabase(async (database) => {
    const views: [string, ViewSnapshot][] = [];
    for (const loaded of await loadViews(database, root, definition)) {
      views.push([loaded.name, await readView(database, loaded, at)]);
    }
    return {
      ...{ version: 1, project, definition: digestFeatures(definition) },
      ...{ at: at.getTime(), views: Object.fromEntries(views) },
    };
  });
}

async function readView(database: Database, loaded: LoadedView, at: Date): Promise<ViewSnapshot> {
  const { view, keys, at: table } = loaded;
  const names = keys.map((_, key) => `k${key}`);
  await database.run(
    `CREATE TABLE ask_${table} AS SELECT *, ${at.getTime() * 1000} AS time ` +
      `FROM (SELECT DISTINCT ${names.join(', ')} FROM view_${table})`,
  );
  const asked = { table: `ask_${table}`, keys: names.map((name) => `ask_${table}.${name}`) };
  const match = await prepareMatch(database, loaded, asked);
  const fields = view.fields.map((name, field) =>
    textOf(`v${table}.f${field}`, fieldType(loaded, name)),
  );
  const cells = [...asked.keys, `v${table}.event`, ...fields];
  // Sorted, so that equal sources give equal files.
  const rows = await database.rows(
    `SELECT ${cells.join(', ')} FROM ask_${table} ${match} ` +
      `WHERE v${table}.event IS NOT NULL ORDER BY ${asked.keys.join(', ')}`,
  );
  const { ttl, freshness } = view;
  return {
    ...{ keys: [...keys], fields: [...view.fields] },
    ttlMs: ttl === undefined ? null : durationOf(ttl),
    freshnessMs: freshness === undefined ? null : durationOf(freshness),
    rows: rows.map((row) =>
      row.map((cell, place) => (place === keys.length ? Number(cell) : cell)),
    ),
  };
}
