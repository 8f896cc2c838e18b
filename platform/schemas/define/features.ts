import { Type } from 'typebox';
import { dictionary } from '../../lib/dictionary.ts';
import { MainstemError } from '../../lib/errors.ts';
import { findPlaceFault } from '../../lib/find-place-fault.ts';
import { type Digest, digestJson } from '../../lib/hash.ts';
import { durationPattern } from '../../lib/parse-duration.ts';
import { findSchemaFault } from '../../lib/schema-fault.ts';
import type { Resolved, Written } from '../defaulted.ts';
import { sourceName, sourcePaths } from '../source-files.ts';
import type { Mistake } from './find-data-mistake.ts';
import { findSourceMistake, gatheredFrom } from './gathered-source.ts';

const closed = { additionalProperties: false };
const Name = Type.String({ pattern: '^[a-z][a-z0-9_-]{0,62}$' });
const Duration = Type.String({ pattern: durationPattern });
const Model = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' });
const Columns = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 });

/** The table whose rows are asked about: what is known without features, and when. */
const AskedRows = Type.Object(
  {
    /** A CSV or Parquet file with the keys, the label and whatever a request brings itself. Relative to the repository. */
    path: Type.String(),
    /** The column that says when a row's question was asked: nothing that became known later is joined to it. */
    time: Type.String(),
  },
  closed,
);

/** Where a view's values come from: a file that somebody writes, or what a server keeps, gathered into a file. */
const FeatureSource = Type.Object(
  {
    /** A CSV or Parquet file, relative to the repository; with `feedback` or `predictionLog` the CSV file to gather into. */
    path: Type.String(),
    /** The column that says when a value was true: the event time. Required for a file that somebody writes. */
    time: Type.Optional(Type.String()),
    /** The column that says when the row was written. A row counts from then on only, however old its event time is. */
    created: Type.Optional(Type.String()),
    /** The model whose answers people corrected: a line is true, and known, from the moment at which it was said. */
    feedback: Type.Optional(Model),
    /** The model whose answers were logged: a line is true from the question on, and known from the answer on. */
    predictionLog: Type.Optional(Model),
    /** Field → what of a line it holds, such as `label` or `row.weight`; a key is read from the row unless it stands here. */
    columns: Type.Optional(dictionary(Type.String())),
  },
  closed,
);

const FeatureView = Type.Object(
  {
    /** Whose features these are: a name under `entities`. */
    entity: Name,
    source: FeatureSource,
    /** The columns of the source that become columns of the table. */
    fields: Columns,
    /** For how long a value counts after its event time, such as `36h` or `30d`; left out: forever. */
    ttl: Type.Optional(Duration),
    /** How old the newest value of all entities may be before the view counts as stale; left out: any age. */
    freshness: Type.Optional(Duration),
  },
  closed,
);

/** All of a features.ts. */
export const Features = Type.Object(
  {
    rows: AskedRows,
    /** Entity → the columns that name one: its join keys. */
    entities: dictionary(Columns),
    views: dictionary(FeatureView, { minProperties: 1 }),
  },
  closed,
);

/** Which columns of a project's table are looked up, in training and in serving alike. */
export type FeatureDefinition = Resolved<typeof Features>;
export type FeatureView = Resolved<typeof FeatureView>;

/**
 * Declares the features of a project: those of its `features.ts`, which its `project.ts` imports.
 *
 * @throws MainstemError FEATURES_INVALID naming the place and what is allowed there.
 * @example
 * export const features = defineFeatures({
 *   rows: { path: 'data/sales.csv', time: 'sold_at' },
 *   entities: { grower: ['grower_id'] },
 *   views: {
 *     soil: {
 *       entity: 'grower',
 *       source: { path: 'data/soil.parquet', time: 'measured_at' },
 *       fields: ['moisture'],
 *       ttl: '30d',
 *     },
 *   },
 * });
 */
export function defineFeatures(input: Written<typeof Features>): FeatureDefinition {
  const fault = findSchemaFault(Features, input);
  const found = fault
    ? { where: fault.key, reason: `is ${fault.value}, but must be ${fault.allowed}` }
    : findMistake(input);
  if (found) throw new MainstemError('FEATURES_INVALID', { ...found });
  return structuredClone(input);
}

/** The columns that name an entity of a view. */
export function keysOf(
  { entities }: FeatureDefinition,
  { entity }: FeatureView,
): readonly string[] {
  return entities[entity] ?? [];
}

/** The columns that the views add to a table, in order. */
export function fieldsOf({ views }: FeatureDefinition): string[] {
  return Object.values(views).flatMap(({ fields }) => fields);
}

/**
 * The digest of what decides a feature's value. How fresh a view must be decides nothing, and neither do the rows that a
 * model learns from.
 */
export function digestFeatures({ entities, views }: FeatureDefinition): Digest {
  const decisive = Object.entries(views).map(([name, { freshness: _, ...view }]) => [name, view]);
  return digestJson({ entities, views: Object.fromEntries(decisive) });
}

/** Files are locked by name. */
function findNamesakeMistake(input: Written<typeof Features>): Mistake | null {
  const named = new Map<string, string>();
  for (const path of sourcePaths(input)) {
    const other = named.get(sourceName(path));
    if (other !== undefined) {
      const reason = `are called ${sourceName(path)} in the lock, both ${other} and ${path}; rename one`;
      return { where: 'views', reason };
    }
    named.set(sourceName(path), path);
  }
  return null;
}

/** A file that is gathered into is written: nothing else may read from it, or be gathered into it. */
function findSharedMistake({ rows, views }: Written<typeof Features>): Mistake | null {
  const gathered = Object.entries(views).filter(([, { source }]) => gatheredFrom(source));
  for (const [name, { source }] of gathered) {
    const readers = Object.entries(views).filter(([, other]) => other.source.path === source.path);
    if (source.path !== rows.path && readers.length === 1) continue;
    const reason = `is ${source.path}, which another part of the features reads too`;
    return { where: `views.${name}.source.path`, reason };
  }
  return null;
}

/** What a schema cannot say: what one part means for another. */
function findMistake(input: Written<typeof Features>): Mistake | null {
  const known = Object.keys(input.entities);
  const keys = new Set(Object.values(input.entities).flat());
  const taken = new Map<string, string>();
  const place = findPlaceMistake('rows.path', input.rows.path);
  if (place) return place;
  for (const [name, view] of Object.entries(input.views)) {
    const where = `views.${name}`;
    if (!/^[a-z][a-z0-9_-]{0,62}$/.test(name)) {
      return { where, reason: 'must be lower-case letters, digits, _ and -' };
    }
    if (!known.includes(view.entity)) {
      const names = known.join(', ') || 'none';
      return { where: `${where}.entity`, reason: `is ${view.entity}; known entities: ${names}` };
    }
    const fault =
      findPlaceMistake(`${where}.source.path`, view.source.path) ??
      findSourceMistake(`${where}.source`, view, input.entities[view.entity] ?? []);
    if (fault) return fault;
    for (const [at, field] of view.fields.entries()) {
      const reason = findFieldFault(field, { keys, taken, time: input.rows.time });
      if (reason) return { where: `${where}.fields.${at}`, reason };
      taken.set(field, name);
    }
  }
  return findSharedMistake(input) ?? findNamesakeMistake(input);
}

interface Taken {
  readonly keys: ReadonlySet<string>;
  /** Field → the view that has it. */
  readonly taken: ReadonlyMap<string, string>;
  readonly time: string;
}

function findFieldFault(field: string, { keys, taken, time }: Taken): string | null {
  const other = taken.get(field);
  if (other !== undefined) return `is ${field}, which is there already in ${other}`;
  if (keys.has(field)) return `is ${field}, which is the key of an entity`;
  return field === time ? `is ${field}, which is the time of the rows` : null;
}

function findPlaceMistake(where: string, path: string): Mistake | null {
  const fault = findPlaceFault(path);
  if (fault) return { where, reason: `is ${JSON.stringify(path)}, ${fault}` };
  return /\.(csv|parquet)$/i.test(path)
    ? null
    : { where, reason: `is ${JSON.stringify(path)}, but must end in .csv or .parquet` };
}
