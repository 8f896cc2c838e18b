import type { Digest } from '../../platform/lib/hash.ts';
import type { Prediction, SplitName } from '../../platform/schemas/index.ts';

/** One test example with both models' answers. The truth is the candidate's label: data may be relabelled. */
export interface Pair {
  readonly label: string;
  readonly candidate: Prediction;
  readonly champion: Prediction;
}

/** Examples that count as learnt though not under their digests. */
export interface RecognisedExamples {
  /** They belong together with others that the model has learnt from. */
  readonly group: ReadonlySet<Digest>;
  /** They may be examples that it has learnt from, changed since. */
  readonly content: ReadonlySet<Digest>;
}

/** How many examples are left out, and of these how many were recognised by other things than their digest. */
export interface Seen {
  readonly seen: number;
  readonly byGroup: number;
  readonly byContent: number;
}

/** Which examples are joined. */
export interface PairOptions {
  /** @default 'test' */
  readonly split?: SplitName;
  /** Digests of the examples that the champion has learnt from. */
  readonly learnt?: ReadonlySet<Digest> | undefined;
  /** How some of them were recognised. */
  readonly recognised?: RecognisedExamples | undefined;
}

/** The examples of a split that both models answered and the champion has not learnt from. */
export interface Pairs extends Seen {
  readonly pairs: Pair[];
  readonly onlyCandidate: number;
  readonly onlyChampion: number;
}

/**
 * Joins two models' predictions on a split by the examples' digests, so that renamed files are
 * still paired; equal examples are paired in the order of their ids. Examples outside the classes (the
 * out-of-distribution set) are left out.
 *
 * @param classes empty for regression, where every label counts
 */
export function pairPredictions(
  candidate: readonly Prediction[],
  champion: readonly Prediction[],
  classes: readonly string[],
  { split = 'test', learnt = new Set(), recognised }: PairOptions = {},
): Pairs {
  const isNew = ({ digest }: Prediction) => !learnt.has(digest);
  const rowsOf = (model: readonly Prediction[]) => splitRows(model, split, classes);
  // Backwards, since the last is taken at once, and the first only by moving all others: many rows may be equal.
  const waiting = Map.groupBy(rowsOf(champion).filter(isNew).reverse(), ({ digest }) => digest);
  const all = rowsOf(candidate);
  const rows = all.filter(isNew);
  const pairs = rows.flatMap((row): Pair[] => {
    const partner = waiting.get(row.digest)?.pop();
    return partner ? [{ label: row.label, candidate: row, champion: partner }] : [];
  });
  const left = [...waiting.values()].reduce((sum, rest) => sum + rest.length, 0);
  const seen = all.length - rows.length;
  const countOf = (some: ReadonlySet<Digest> | undefined) =>
    all.filter(({ digest }) => some?.has(digest)).length;
  const by = { byGroup: countOf(recognised?.group), byContent: countOf(recognised?.content) };
  return { pairs, seen, ...by, onlyCandidate: rows.length - pairs.length, onlyChampion: left };
}

function splitRows(
  predictions: readonly Prediction[],
  wanted: SplitName,
  classes: readonly string[],
): Prediction[] {
  const known = new Set(classes);
  return predictions
    .filter(({ split, label }) => split === wanted && (known.size === 0 || known.has(label)))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
