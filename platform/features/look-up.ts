import type { FeatureSnapshot, ViewSnapshot } from './snapshot.ts';

/** Whether a view knew something of an entity; `unavailable` where there is no snapshot to ask. */
export const lookupStatuses = ['present', 'missing', 'expired', 'unavailable'] as const;
export type LookupStatus = (typeof lookupStatuses)[number];

/** What a view says of an entity. */
export interface Lookup {
  readonly status: LookupStatus;
  /** The fields' values as text, in the order of the view; empty unless present. */
  readonly values: readonly (string | null)[];
}

/** A view of a snapshot that finds entities by their keys. */
export interface OnlineView {
  readonly name: string;
  readonly keys: readonly string[];
  readonly fields: readonly string[];
  readonly freshnessMs: number | null;
  /** The newest event time, in milliseconds since 1970; null where no entity is known. */
  readonly newestMs: number | null;
  /**
   * Finds an entity as a point-in-time join would at a time after the snapshot's, if nothing became known since.
   *
   * @param keys as text, in the order of the view @param at milliseconds since 1970
   */
  lookUp(keys: readonly string[], at: number): Lookup;
}

const microsPerMs = 1000;
const unavailable: Lookup = { status: 'unavailable', values: [] };
const missing: Lookup = { status: 'missing', values: [] };
const expired: Lookup = { status: 'expired', values: [] };

interface Known {
  /** The last moment at which it counts, in microseconds. */
  readonly until: number;
  readonly found: Lookup;
}

/** Opens the views of a snapshot: every entity is then found in one step. */
export function openViews({ views }: FeatureSnapshot): OnlineView[] {
  return Object.entries(views).map(([name, view]) => openView(name, view));
}

/** Views that know nothing, for as long as there is no snapshot. */
export function unavailableViews(
  views: Readonly<Record<string, Pick<ViewSnapshot, 'keys' | 'fields'>>>,
): OnlineView[] {
  return Object.entries(views).map(([name, { keys, fields }]) => ({
    ...{ name, keys, fields, freshnessMs: null, newestMs: null },
    lookUp: () => unavailable,
  }));
}

function openView(name: string, { keys, fields, ttlMs, freshnessMs, rows }: ViewSnapshot) {
  const entities = new Map<string, Known>();
  const ttl = ttlMs === null ? Number.POSITIVE_INFINITY : ttlMs * microsPerMs;
  let newest: number | null = null;
  for (const row of rows) {
    const event = Number(row[keys.length]);
    newest = Math.max(newest ?? event, event);
    const values = row.slice(keys.length + 1).map((cell) => (cell === null ? null : String(cell)));
    const found: Lookup = { status: 'present', values };
    entities.set(nameOf(row.slice(0, keys.length).map(String)), { until: event + ttl, found });
  }
  const lookUp = (asked: readonly string[], at: number): Lookup => {
    const known = entities.get(nameOf(asked));
    if (!known) return missing;
    // The end of the time to live is part of it, as in the join.
    return known.until >= at * microsPerMs ? known.found : expired;
  };
  const newestMs = newest === null ? null : newest / microsPerMs;
  return { name, keys, fields, freshnessMs, newestMs, lookUp };
}

/** Keys as one text; no two different lists give the same. */
function nameOf(keys: readonly string[]): string {
  const [only] = keys;
  return keys.length === 1 && only !== undefined ? only : JSON.stringify(keys);
}
