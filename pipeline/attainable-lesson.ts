import { evenly } from '../platform/lib/evenly.ts';
import type { Prediction, PreparedRow } from '../platform/schemas/index.ts';
import {
  mostLearnt,
  openSpace,
  type PreparedReader,
  type Space,
  type SpaceKind,
  type SpaceSource,
} from './embeddings/index.ts';
import { groupOfRow } from './group-of-row.ts';

/** Fewer examples show nothing. */
const [fewestLearnt, fewestAsked] = [50, 30];
const mostAsked = 5000;

/** What a linear model learns from one space, and what it is asked. */
export interface LinearMaterial {
  readonly space: Space;
  /** The examples of the points: those that are learnt from, then those that are asked about. */
  readonly rows: readonly PreparedRow[];
  /** Places of those that are learnt from, of half of them (whole groups), and of those that are asked about. */
  readonly learnt: readonly number[];
  readonly half: readonly number[];
  readonly asked: readonly number[];
  /** How many there are to learn from. */
  readonly of: number;
}

/** What is to be learnt and asked. */
export interface Asking {
  /** Predictions of the model for the examples that are asked about. */
  readonly asked: readonly Prediction[];
  /** Whether a training example has a label to learn. */
  readonly isTaught: (row: PreparedRow) => boolean;
  /** How many numbers the linear model gives. */
  readonly outputs: number;
  /** The column by which examples belong together. */
  readonly group: string | undefined;
}

/** The validation examples that are asked about; null if they are too few. @param isKnown whether a label is one to answer */
export function chooseAsked(
  predictions: readonly Prediction[],
  isKnown: (label: string) => boolean,
): Prediction[] | null {
  const asked = evenly(
    predictions.filter(({ split, label }) => split === 'validation' && isKnown(label)),
    mostAsked,
  );
  return asked.length < fewestAsked ? null : asked;
}

/**
 * Reads what a linear model learns from a space.
 *
 * @returns null where the examples have no such space, or too few can be learnt from
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID
 */
export async function readMaterial(
  reader: PreparedReader,
  source: SpaceSource,
  { asked, isTaught, outputs, group }: Asking,
  space: SpaceKind,
): Promise<LinearMaterial | null> {
  const open = await openSpace(reader, source, [space]);
  if (!open) return null;
  const all = [...open.rows.keys()].filter((at) => {
    const row = open.rows[at];
    return row?.split === 'train' && isTaught(row);
  });
  const places = new Map(open.rows.map(({ id }, row) => [id, row]));
  const askedRows = asked.flatMap(({ id }) => places.get(id) ?? []);
  if (all.length < fewestLearnt || askedRows.length < asked.length) return null;
  const { width } = await open.read(all.slice(0, 1));
  const taught = evenly(all, mostLearnt(width, outputs));
  const chosen = [...taught, ...askedRows];
  const rows = chosen.flatMap((row) => open.rows[row] ?? []);
  return {
    ...{ space: await open.read(chosen), rows, of: all.length },
    learnt: [...taught.keys()],
    half: halfOf(rows.slice(0, taught.length), group),
    asked: askedRows.map((_, at) => taught.length + at),
  };
}

/** The places of the rows of every other group. */
function halfOf(rows: readonly PreparedRow[], group: string | undefined): number[] {
  const groups = [...new Set(rows.map((row) => groupOfRow(row, group)))];
  const kept = new Set(groups.filter((_, at) => at % 2 === 0));
  return [...rows.keys()].filter((at) => {
    const row = rows[at];
    return row !== undefined && kept.has(groupOfRow(row, group));
  });
}
