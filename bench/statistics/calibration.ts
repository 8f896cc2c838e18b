import { differenceInterval } from '../../pipeline/evaluation/compare-metrics.ts';
import { createRandom } from '../../platform/lib/random.ts';
import { calibrationError, type MetricFacts } from '../../platform/quality/index.ts';
import { drawMany, drawTwo } from './coverage.ts';
import { printTable } from './print-table.ts';

const settings = [
  { name: 'two classes, 10 % rare', draw: drawTwo(0.1) },
  { name: 'two even classes', draw: drawTwo(0.5) },
  { name: 'three classes', draw: drawMany([0.6, 0.3, 0.1]) },
];
/** How many times surer the candidate and the champion are than they should be, beside what all are. */
const sureness = [
  [1, 1],
  [2, 1],
  [2, 2],
  [3, 2],
] as const;
const counts = [60, 153, 1000];
const roundsOf = (count: number) => (count > 500 ? 400 : 600);
/** Of so many examples the value counts as the true one. */
const population = 400_000;

/**
 * How often the interval of the calibration error holds the true one, and that of the difference of two models, one of which may be
 * surer than the other. What is measured lies above the truth, most where there is least to find.
 */
export function printCalibration(): void {
  const rows = settings.flatMap(({ name, draw }) => {
    const [whole] = draw(createRandom(`calibration ${name}`), population);
    const truthOf = (sure: number) => calibrationError.measure(surer(whole, sure));
    return sureness.flatMap(([ours, theirs]) => {
      const [truth, other] = [truthOf(ours), truthOf(theirs)];
      return counts.map((count) => {
        const random = createRandom(`calibration ${name} ${count} ${ours} ${theirs}`);
        const rounds = roundsOf(count);
        let [value, difference] = [0, 0];
        for (let round = 0; round < rounds; round++) {
          const [a, b] = draw(random, count);
          const [candidate, champion] = [surer(a, ours), surer(b, theirs)];
          if (holds(calibrationError.interval(candidate), truth)) value++;
          const between = differenceInterval(calibrationError, candidate, champion);
          if (holds(between, truth - other)) difference++;
        }
        const percent = (hits: number) => ((100 * hits) / rounds).toFixed(1);
        const errors = `${(100 * truth).toFixed(1)} / ${(100 * other).toFixed(1)}`;
        return [name, errors, count, rounds, percent(value), percent(difference)];
      });
    });
  });
  printTable(['examples are', 'true errors, %', 'n', 'rounds', 'value, %', 'difference, %'], rows);
}

function holds(
  ends: { readonly low: number | null; readonly high: number | null } | null,
  value: number,
): boolean {
  return ends !== null && (ends.low ?? value) <= value && value <= (ends.high ?? value);
}

/** The same answers with probabilities of so many times the log odds. */
function surer(facts: MetricFacts, times: number): MetricFacts {
  if (times === 1) return facts;
  const examples = facts.examples.map((example) => {
    const weights = example.probabilities.map((share) => share ** times);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { ...example, probabilities: weights.map((weight) => weight / total) };
  });
  return { ...facts, examples };
}
