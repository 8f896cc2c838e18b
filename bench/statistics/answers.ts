import { differenceInterval } from '../../pipeline/evaluation/compare-metrics.ts';
import { createRandom, type Random } from '../../platform/lib/random.ts';
import { findMetric, type MetricFacts, type QualityMetric } from '../../platform/quality/index.ts';
import { pick } from './draws.ts';
import { leastOfTwo } from './least-of-two.ts';
import { printTable } from './print-table.ts';

const settings = [
  { name: 'two classes, 10 % rare', shares: [0.9, 0.1] },
  { name: 'two classes, 3 % rare', shares: [0.97, 0.03] },
  { name: 'two even classes', shares: [0.5, 0.5] },
  { name: 'three classes', shares: [0.6, 0.3, 0.1] },
  { name: 'ten classes', shares: [0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.04, 0.03, 0.02, 0.02] },
];
const counts = [60, 153, 1000];
const metrics = ['balancedAccuracy', 'macroF1'].map(metricOf);
/** Of so many examples the difference counts as the true one. */
const population = 400_000;
const roundsOf = (count: number, classes: number) =>
  Math.round(Math.min(6000, 12_000_000 / count / (classes + 2)));

/**
 * How often the interval of a difference by a metric that weighs classes alike holds the true one, for equally good models and for a
 * candidate that is worse, and how often a gate passes that candidate whose margin is just what it loses.
 */
export function printAnswers(): void {
  const rows = settings.flatMap(({ name, shares }) => {
    const losses = lossesOf(name, shares);
    return counts.map((count) => {
      const rounds = roundsOf(count, shares.length);
      const equal = metrics.map(() => ({ ...nothing }));
      const worse = metrics.map(() => ({ ...nothing }));
      const random = createRandom(`answers ${name} ${count}`);
      for (let round = 0; round < rounds; round++) {
        tally(equal, draw(random, shares, count, 0), [0, 0]);
        tally(worse, draw(random, shares, count, noise), losses);
      }
      const cells = metrics.map((_, at) => {
        const [one, other] = [equal[at] ?? nothing, worse[at] ?? nothing];
        const shares = [one.held / one.all, other.held / other.all, other.passed / other.all];
        return shares.map((part) => (100 * part).toFixed(1)).join(' / ');
      });
      return [name, count, rounds, ...cells];
    });
  });
  printTable(['examples are', 'n', 'rounds', ...metrics.map(({ label }) => label)], rows);
  printLeast();
}

/** What no interval of a difference of balanced accuracy can go below with two classes. */
function printLeast(): void {
  const rows = settings.slice(0, 3).flatMap(({ name, shares }) => {
    const differ = differingOf(name, shares);
    return counts.slice(0, 2).map((count) => {
      const rare = Math.round((shares[1] ?? 0) * count);
      const least = leastOfTwo({ counts: [rare, count - rare], differ });
      return [name, count, rare, (100 * least).toFixed(1)];
    });
  });
  printTable(['examples are', 'n', 'of the second class', 'least of any, %'], rows);
}

/** The shares of the second and of the first class that two equally good models answer differently. */
function differingOf(name: string, shares: readonly number[]): [number, number] {
  const [ours, theirs] = draw(createRandom(`population ${name}`), shares, population / 4, 0);
  const shareOf = (label: string) => {
    const places = [...ours.examples.keys()].filter((at) => ours.examples[at]?.label === label);
    const differing = places.filter(
      (at) => ours.examples[at]?.predicted !== theirs.examples[at]?.predicted,
    );
    return differing.length / places.length;
  };
  return [shareOf('class-1'), shareOf('class-0')];
}

/** By so much more noise a worse candidate hears what tells the classes apart. */
const noise = 0.5;

interface Tally {
  /** Where not all differences are equal, so that there is an interval. */
  all: number;
  held: number;
  passed: number;
}

const nothing: Readonly<Tally> = { all: 0, held: 0, passed: 0 };

function tally(found: readonly Tally[], pair: Pair, truths: readonly number[]): void {
  for (const [at, metric] of metrics.entries()) {
    const { low, high } = differenceInterval(metric, ...pair);
    const [truth, one] = [truths[at] ?? 0, found[at]];
    if (!one || low === null || high === null) continue;
    one.all++;
    if (low <= truth && truth <= high) one.held++;
    if (low > truth) one.passed++;
  }
}

function lossesOf(name: string, shares: readonly number[]): number[] {
  const random = createRandom(`population ${name}`);
  const [ours, theirs] = draw(random, shares, population, noise);
  return metrics.map(({ measure }) => (measure(ours) ?? 0) - (measure(theirs) ?? 0));
}

function metricOf(name: string): QualityMetric {
  const metric = findMetric(name);
  if (!metric) throw new Error(`there is no metric ${name}`);
  return metric;
}

type Pair = readonly [ours: MetricFacts, theirs: MetricFacts];

/** What two models answer that hear the same scores of the classes with noise of their own. @param extra noise of the first */
function draw(random: Random, shares: readonly number[], count: number, extra: number): Pair {
  const classes = shares.map((_, index) => `class-${index}`);
  const priors = shares.map(Math.log);
  const examples = Array.from({ length: count }, () => {
    const truth = pick(random, shares);
    const common = shares.map((_, index) => 0.7 * random.normal() + (index === truth ? 1.5 : 0));
    const answer = (deviation: number) => {
      const heard = common.map(
        (score, index) => 1.5 * (score + deviation * random.normal()) + (priors[index] ?? 0),
      );
      const predicted = classes[heard.indexOf(Math.max(...heard))] ?? '';
      return { label: classes[truth] ?? '', predicted, probabilities: [] };
    };
    return [answer(0.5 + extra), answer(0.5)] as const;
  });
  const facts = (side: 0 | 1): MetricFacts => ({
    ...{ examples: examples.map((both) => both[side]), classes, outOfDistribution: null },
  });
  return [facts(0), facts(1)];
}
