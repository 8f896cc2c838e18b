import type { QualityMetric } from './metric.ts';
import { measureOneVersusRest, type Ranking } from './one-versus-rest.ts';
import { classification } from './tasks.ts';

/** How many of a rare class are found if of those named so at least 80 % are to be of it. */
export const recallAtPrecision80 = recallAtPrecision(0.8);

/** As {@link recallAtPrecision80}, for 95 %. */
export const recallAtPrecision95 = recallAtPrecision(0.95);

function recallAtPrecision<Precision extends number>(precision: Precision) {
  const percent = Math.round(100 * precision);
  return {
    name: `recallAtPrecision${percent}`,
    label: `recall at ${percent} % precision`,
    definition: `Greatest share of a class that a threshold on its probability finds where at least ${percent} % of what it names are of the class, 0 where none does; of two classes that of the rarer one, of more the mean over them. One example may change much, so differences have no interval.`,
    better: 'higher',
    format: 'share',
    range: [0, 1],
    tasks: classification,
    needsOutOfDistribution: false,
    primary: false,
    measure: (facts) => measureOneVersusRest(facts, (ranking) => recallOf(ranking, precision)),
  } as const satisfies QualityMetric;
}

/** The most hits down to a level at which so large a share of all examples are hits. */
function recallOf({ sizes, hits, positives }: Ranking, precision: number): number {
  let [found, all, most] = [0, 0, 0];
  for (const [level, size] of sizes.entries()) {
    found += hits[level] ?? 0;
    all += size;
    if (found >= precision * all) most = found;
  }
  return most / positives;
}
