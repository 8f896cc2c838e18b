import type { Digest } from '../../platform/lib/hash.ts';
import type { Prediction } from '../../platform/schemas/index.ts';

/** One test example with both models' answers. The truth is the candidate's label: data may be relabelled. */
export interface Pair {
  readonly label: string;
  readonly candidate: Prediction;
  readonly champion: Prediction;
}

/** The test examples that both models answered and the champion has not learnt from. */
export interface Pairs {
  readonly pairs: Pair[];
  /** Examples left out because the champion has learnt from them. */
  readonly seen: number;
  readonly onlyCandidate: number;
  readonly onlyChampion: number;
}

/**
 * Joins two models' predictions on the test split by the examples' digests, so that renamed files are
 * still paired; equal examples are paired in the order of their ids. Examples outside the classes (the
 * out-of-distribution set) are left out.
 *
 * @param classes empty for regression, where every label counts
 * @param learnt digests of the examples that the champion was trained or validated on
 */
export function pairPredictions(
  candidate: readonly Prediction[],
  champion: readonly Prediction[],
  classes: readonly string[],
  learnt: ReadonlySet<Digest> = new Set(),
): Pairs {
  const isNew = ({ digest }: Prediction) => !learnt.has(digest);
  const waiting = Map.groupBy(testRows(champion, classes).filter(isNew), ({ digest }) => digest);
  const all = testRows(candidate, classes);
  const rows = all.filter(isNew);
  const pairs = rows.flatMap((row): Pair[] => {
    const partner = waiting.get(row.digest)?.shift();
    return partner ? [{ label: row.label, candidate: row, champion: partner }] : [];
  });
  const left = [...waiting.values()].reduce((sum, rest) => sum + rest.length, 0);
  const seen = all.length - rows.length;
  return { pairs, seen, onlyCandidate: rows.length - pairs.length, onlyChampion: left };
}

function testRows(predictions: readonly Prediction[], classes: readonly string[]): Prediction[] {
  return predictions
    .filter(({ split, label }) => split === 'test' && (!classes.length || classes.includes(label)))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
