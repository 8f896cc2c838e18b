import type { Mistake } from './find-data-mistake.ts';

/** Where the lines of a gathered source come from: what people said of a model's answers, or the answers themselves. */
export type GatheredKind = 'feedback' | 'predictionLog';

/** A source that is gathered from what a server keeps. */
export interface GatheredSource {
  readonly kind: GatheredKind;
  /** The model whose answers these are. */
  readonly model: string;
}

/** The columns of a gathered file that say when: since when a line is true, and since when it was known. */
export const gatheredTimes = { time: 'at', created: 'known_at' } as const;

/** What a line holds beside its row and its {@link groups}. */
const held: Readonly<Record<GatheredKind, readonly string[]>> = {
  feedback: ['label', 'predicted', 'accepted', 'version'],
  predictionLog: ['class', 'value', 'score', 'accepted', 'version'],
};

/** What a line holds by name, beside its row: an answer the classes' probabilities, a label what the sender said of the example. */
const groups = { feedback: 'slices.<column>', predictionLog: 'probabilities.<class>' } as const;

/** Where a view's values come from, as `features.ts` says it. */
interface Source {
  readonly path: string;
  readonly time?: string;
  readonly created?: string;
  readonly feedback?: string;
  readonly predictionLog?: string;
  readonly columns?: Readonly<Record<string, string>>;
}

interface View {
  readonly source: Source;
  readonly fields: readonly string[];
}

/** What a source is gathered from; null for a file that somebody else writes. */
export function gatheredFrom({ feedback, predictionLog }: Source): GatheredSource | null {
  if (feedback !== undefined) return { kind: 'feedback', model: feedback };
  return predictionLog === undefined ? null : { kind: 'predictionLog', model: predictionLog };
}

/** The columns of a source with the event time and the time of writing. */
export function timesOf(source: Source): { readonly time: string; readonly created?: string } {
  if (gatheredFrom(source)) return gatheredTimes;
  const { time = '', created } = source;
  return { time, ...(created !== undefined && { created }) };
}

/**
 * The column of a source that a key or a field of a view is read from. In a gathered file columns are named by what they hold.
 *
 * @example columnOf({ predictionLog: 'market', path: 'a.csv', columns: { last: 'class' } }, 'last') // 'class'
 */
export function columnOf(source: Source, name: string): string {
  if (!gatheredFrom(source)) return name;
  const columns = new Map(Object.entries(source.columns ?? {}));
  return columns.get(name) ?? `row.${name}`;
}

/** What is wrong with where a view's values come from, given its keys; null if nothing is. */
export function findSourceMistake(
  where: string,
  { source, fields }: View,
  keys: readonly string[],
): Mistake | null {
  const from = gatheredFrom(source);
  if (!from) return findFileMistake(where, source);
  const { kind } = from;
  const both = source.feedback !== undefined && source.predictionLog !== undefined;
  if (both) return { where: `${where}.feedback`, reason: 'must be left out beside predictionLog' };
  for (const name of ['time', 'created'] as const) {
    if (source[name] === undefined) continue;
    return { where: `${where}.${name}`, reason: `must be left out: ${kind} says when` };
  }
  if (!/\.csv$/i.test(source.path)) {
    return { where: `${where}.path`, reason: 'must end in .csv: it is what is gathered into' };
  }
  return findColumnMistake(`${where}.columns`, { source, fields, kind, keys });
}

function findFileMistake(where: string, { time, columns }: Source): Mistake | null {
  if (time === undefined)
    return { where: `${where}.time`, reason: 'is missing, but must be given' };
  if (columns === undefined) return null;
  return { where: `${where}.columns`, reason: 'is only for feedback and predictionLog' };
}

interface Columns extends View {
  readonly kind: GatheredKind;
  readonly keys: readonly string[];
}

function findColumnMistake(where: string, { source, fields, kind, keys }: Columns): Mistake | null {
  const columns = new Map(Object.entries(source.columns ?? {}));
  const lacking = fields.find((field) => !columns.has(field));
  if (lacking !== undefined) {
    return { where: `${where}.${lacking}`, reason: 'is missing: say what of a line it holds' };
  }
  for (const [name, what] of columns) {
    if (!fields.includes(name) && !keys.includes(name)) {
      return { where: `${where}.${name}`, reason: 'is neither a field of the view nor a key' };
    }
    if (isHeld(kind, what)) continue;
    const known = [...held[kind], groups[kind], 'row.<column>'].join(', ');
    return { where: `${where}.${name}`, reason: `is ${JSON.stringify(what)}; a line has ${known}` };
  }
  return null;
}

function isHeld(kind: GatheredKind, what: string): boolean {
  if (held[kind].includes(what) || /^row\../s.test(what)) return true;
  const [group = ''] = groups[kind].split('<');
  return what.startsWith(group) && what !== group;
}
