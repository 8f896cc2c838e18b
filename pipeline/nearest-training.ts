import { evenly } from '../platform/lib/evenly.ts';
import type { ErrorExample, Nearness, Neighbour } from '../platform/schemas/index.ts';
import {
  findNearest,
  type Near,
  type OpenSpace,
  openSpace,
  type PreparedReader,
  type Space,
  type SpaceSource,
  tryClasses,
  tryNumbers,
} from './embeddings/index.ts';

/** How many neighbours of an error are shown. */
const shownNear = 4;
/** Test examples on which nearness is tried; fewer than the least show nothing. */
const [fewestTried, mostTried] = [10, 200];
/** What is looked through, in points and in numbers: some seconds of work. */
const [mostPoints, mostNumbers] = [50_000, 20_000_000];
/** Where the network has to be run for each point. */
const mostRun = 3000;

/** What is near to errors in the training data. */
export interface NearTraining {
  readonly nearness: Nearness;
  /** The errors, with their neighbours where nearness informs. */
  readonly errors: readonly ErrorExample[];
}

/**
 * Finds the training examples nearest to some errors, by features of a backbone, columns of a table, or else what the last
 * layer of the network reads. First it tries on test examples whether near examples have near labels: if they do not, no
 * neighbours are shown. Of very many training examples only some are looked through, and the same ones each time.
 *
 * @returns null where there is nothing to look at
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID
 */
export async function findNearTraining(
  reader: PreparedReader,
  source: SpaceSource,
  errors: readonly ErrorExample[],
  regression: boolean,
): Promise<NearTraining | null> {
  const open = await openSpace(reader, source, ['features', 'columns', 'network']);
  const asked = open && (await readAsked(open, errors));
  if (!open || !asked) return null;
  const { space, labels, training, tried } = asked;
  const nearest = tried.map((at) => findNearest(space, at, training, 1)[0]);
  const pairs = nearest.flatMap((near, index) => {
    const label = labels[tried[index] ?? -1]?.label;
    const other = near && labels[near.at]?.label;
    return label === undefined || other === undefined ? [] : [{ label, nearest: other }];
  });
  const known = training.map((at) => labels[at]?.label ?? '');
  const nearness = {
    ...{ space: open.kind, training: training.length, of: asked.of, asked: pairs.length },
    ...(regression ? tryNumbers(pairs, known) : tryClasses(pairs, known)),
  };
  if (!nearness.informs) return { nearness, errors };
  const far = quantile95(nearest.map((near) => near?.distance ?? 0));
  return { nearness, errors: errors.map((error) => withNear(error, asked, far)) };
}

/** Points of training examples, of test examples to try them on, and of errors; each is named by its place. */
interface Asked {
  readonly space: Space;
  readonly labels: OpenSpace['rows'];
  readonly training: readonly number[];
  readonly tried: readonly number[];
  /** Error id → its place. */
  readonly errors: ReadonlyMap<string, number>;
  /** How many training examples there are. */
  readonly of: number;
}

async function readAsked(
  { kind, rows, read }: OpenSpace,
  errors: readonly ErrorExample[],
): Promise<Asked | null> {
  const inSplit = (name: string) => [...rows.keys()].filter((row) => rows[row]?.split === name);
  const training = inSplit('train');
  const tried = evenly(inSplit('test'), mostTried);
  if (errors.length === 0 || training.length <= shownNear || tried.length < fewestTried)
    return null;
  const { width } = await read(training.slice(0, 1));
  const most = Math.min(kind === 'network' ? mostRun : mostPoints, Math.floor(mostNumbers / width));
  const looked = evenly(training, most);
  const ids = new Set(errors.map(({ id }) => id));
  const wrong = inSplit('test').filter((row) => ids.has(rows[row]?.id ?? ''));
  const all = [...looked, ...tried, ...wrong];
  const labels = all.flatMap((row) => rows[row] ?? []);
  const [first, second] = [looked.length, looked.length + tried.length];
  return {
    ...{ space: await read(all), labels, of: training.length },
    training: looked.map((_, at) => at),
    tried: tried.map((_, at) => first + at),
    errors: new Map(wrong.map((row, at) => [rows[row]?.id ?? '', second + at])),
  };
}

function withNear(error: ErrorExample, asked: Asked, far: number): ErrorExample {
  const at = asked.errors.get(error.id);
  if (at === undefined) return error;
  const found = findNearest(asked.space, at, asked.training, shownNear);
  const near = found.flatMap((one) => neighbourOf(asked.labels, one));
  return { ...error, near, alone: (found[0]?.distance ?? 0) > far };
}

function neighbourOf(labels: OpenSpace['rows'], { at, distance }: Near): Neighbour[] {
  const found = labels[at];
  if (!found) return [];
  const { id, row, digest, label } = found;
  return [{ id, ...(row !== undefined && { row }), digest, label, distance }];
}

/** What 95 of 100 values do not exceed. */
function quantile95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)] ?? 0;
}
