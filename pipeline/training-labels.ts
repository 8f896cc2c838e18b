import { evenly } from '../platform/lib/evenly.ts';
import { createRandom } from '../platform/lib/random.ts';
import type { PreparedRow, TrainingLabels } from '../platform/schemas/index.ts';
import {
  mostLearnt,
  type OpenSpace,
  openSpace,
  type PreparedReader,
  predictOutOfFold,
  type Space,
  type SpaceSource,
} from './embeddings/index.ts';
import { labelSuspects, mostSuspects } from './evaluation/index.ts';
import { groupOfRow } from './group-of-row.ts';

/** Fewer training examples teach too little. */
const fewestExamined = 50;
/** How many examples the trial learns from, and the share of them whose labels it swaps. */
const [mostTried, swappedShare] = [1000, 0.05];
/** Where fewer of the swapped labels are found again, or hardly more than of any, the others would not be either. */
const [leastFound, leastLift] = [0.5, 3];

/** Whose labels are looked at. */
export interface LabelledExamples {
  /** In the order of the record. */
  readonly classes: readonly string[];
  /** The column by which examples belong together. */
  readonly group: string | undefined;
}

/**
 * Suspected label errors of the training split, by confident learning on predictions out of fold: a logistic regression on
 * four fifths of the examples says what it makes of the others. It sees what knows nothing of labels: the features of a
 * backbone, the columns of a table, or small pixels. A trial swaps some labels on purpose; where less than half of them are
 * suspected, or not three times as many as of the others, none are named.
 *
 * @returns null for too few examples, or where the store lacks what they are read from
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID
 * @see Northcutt, Jiang and Chuang, Confident Learning, JAIR 70, 2021, which asks for such predictions
 */
export async function findTrainingSuspects(
  reader: PreparedReader,
  source: SpaceSource,
  { classes, group }: LabelledExamples,
): Promise<TrainingLabels | null> {
  const open = await openSpace(reader, source, ['features', 'columns', 'pixels']);
  if (!open || classes.length < 2) return null;
  const all = [...open.rows.keys()].filter((row) => isUsable(open.rows[row], classes));
  if (all.length < fewestExamined) return null;
  const { width } = await open.read(all.slice(0, 1));
  const examined = evenly(all, mostLearnt(width, classes.length));
  const asking = { classes, groupOf: (row: PreparedRow) => groupOfRow(row, group) };
  const found = await suspectsAmong(open, examined, asking, null);
  const trial = await tryToFind(open, evenly(examined, mostTried), asking);
  const finds = isFinding(trial);
  return {
    ...{ space: open.kind, examined: examined.length, of: all.length, trial, finds },
    accuracy: found.accuracy,
    suspects: finds ? found.suspects.suspects : 0,
    shown: finds ? found.suspects.shown.slice(0, mostSuspects) : [],
  };
}

function isFinding({ swapped, found, of, others }: TrainingLabels['trial']): boolean {
  const [share, chance] = [found / swapped, others / (of - swapped)];
  return share >= leastFound && share >= leastLift * chance;
}

function isUsable(row: PreparedRow | undefined, classes: readonly string[]): boolean {
  return row?.split === 'train' && classes.includes(row.label);
}

interface Asking {
  readonly classes: readonly string[];
  readonly groupOf: (row: PreparedRow) => string;
}

/** @param labels other labels than the examples have; null for their own */
async function suspectsAmong(
  open: OpenSpace,
  rows: readonly number[],
  { classes, groupOf }: Asking,
  labels: readonly string[] | null,
) {
  const space: Space = await open.read(rows);
  const examples = rows.flatMap((row) => open.rows[row] ?? []);
  const named = examples.map((one, at) => ({ ...one, label: labels?.[at] ?? one.label }));
  const places = new Map(classes.map((name, place) => [name, place]));
  const truth = named.map(({ label }) => places.get(label) ?? 0);
  const groups = named.map(groupOf);
  const shares = predictOutOfFold(space, { labels: truth, classes: classes.length, groups });
  const predictions = named.map((one, at) => ({
    ...one,
    probabilities: [...shares.subarray(at * classes.length, (at + 1) * classes.length)],
  }));
  const right = predictions.filter(
    ({ probabilities }, at) => probabilities.indexOf(Math.max(...probabilities)) === truth[at],
  );
  return {
    accuracy: right.length / predictions.length,
    suspects: labelSuspects(predictions, classes, Number.POSITIVE_INFINITY),
  };
}

/** Swaps some labels and counts how many are suspected then. */
async function tryToFind(
  open: OpenSpace,
  rows: readonly number[],
  asking: Asking,
): Promise<TrainingLabels['trial']> {
  const random = createRandom('labels swapped on purpose');
  const count = Math.ceil(rows.length * swappedShare);
  const swapped = new Set(random.shuffle(rows.map((_, at) => at)).slice(0, count));
  const labels = rows.map((row, at) => {
    const label = open.rows[row]?.label ?? '';
    const others = asking.classes.filter((name) => name !== label);
    return swapped.has(at) ? (others[random.int(others.length)] ?? label) : label;
  });
  const { suspects } = await suspectsAmong(open, rows, asking, labels);
  const ids = new Set(suspects.shown.map(({ id }) => id));
  const found = [...swapped].filter((at) => ids.has(open.rows[rows[at] ?? -1]?.id ?? ''));
  const others = suspects.suspects - found.length;
  return { swapped: swapped.size, found: found.length, of: rows.length, others };
}
