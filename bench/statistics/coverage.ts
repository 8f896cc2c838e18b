import { differenceInterval } from '../../pipeline/evaluation/compare-metrics.ts';
import { metricIntervals } from '../../pipeline/evaluation/metric-intervals.ts';
import { createRandom, type Random } from '../../platform/lib/random.ts';
import {
  findMetric,
  type MetricFacts,
  type QualityMetric,
  type TestExample,
} from '../../platform/quality/index.ts';
import { leastHeld } from './attainable.ts';
import { pick } from './draws.ts';
import { printTable } from './print-table.ts';

/** What is drawn, and which metrics are looked at. */
interface Setting {
  readonly name: string;
  readonly metrics: readonly string[];
  /** Examples as two equally good models answer them. */
  readonly draw: (random: Random, count: number) => readonly [MetricFacts, MetricFacts];
}

/** Accuracy has a table of its own. */
const classMetrics = [
  ...['balancedAccuracy', 'macroF1', 'logLoss', 'logLossSkill', 'brier'],
  ...['recallAtPrecision80', 'recallAtPrecision95', 'auroc', 'averagePrecision'],
];
const valueMetrics = ['mae', 'rmse', 'r2', 'maeSkill'];

const settings: readonly Setting[] = [
  { name: 'two classes, 10 % rare', metrics: classMetrics, draw: drawTwo(0.1) },
  { name: 'two even classes', metrics: classMetrics, draw: drawTwo(0.5) },
  { name: 'three classes', metrics: classMetrics, draw: drawMany([0.6, 0.3, 0.1]) },
  {
    name: 'ten classes, 2 to 30 %',
    metrics: classMetrics.filter((name) => !['logLoss', 'logLossSkill', 'brier'].includes(name)),
    draw: drawMany([0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.04, 0.03, 0.02, 0.02]),
  },
  { name: 'normal errors', metrics: valueMetrics, draw: drawValues((random) => random.normal()) },
  { name: 'heavy tails, t(5)', metrics: valueMetrics, draw: drawValues(student5) },
];
const counts = [153, 1000];
/** Of so many examples the value counts as the true one. */
const population = 400_000;
/** Of the processor, for each metric of a setting: more examples are slower, and need as many rounds. */
const secondsFor = (count: number) => (count > 500 ? 4 : 1.25);

/**
 * How often the interval of a metric's value holds the true value, and how often that of the difference of two equally good models
 * holds 0. Labels are drawn too, as they are in a test split.
 *
 * @param only these metrics; everything if left out @param longer so many times as many rounds
 */
export function printCoverage(only?: readonly string[], longer = 1): void {
  const rows = settings.flatMap(({ name, metrics: all, draw }) => {
    const metrics = all.filter((metric) => only?.includes(metric) ?? true);
    return metrics.length === 0 ? [] : rowsOf({ name, metrics, draw }, longer);
  });
  rows.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  printTable(
    [
      ...['metric', 'examples are', 'n', 'rounds', 'value, %', 'least, %'],
      ...['difference, %', 'least, %'],
    ],
    rows,
  );
}

function rowsOf({ name, metrics, draw }: Setting, longer: number): (string | number)[][] {
  const [all] = draw(createRandom(`population ${name}`), population);
  const truths = new Map(metrics.map((metric) => [metric, measure(metric, all)]));
  return counts.flatMap((count) => {
    const random = createRandom(`coverage ${name} ${count}`);
    const found = metrics.map(createTally);
    const rounds = run(longer * metrics.length * secondsFor(count), () => {
      const [ours, theirs] = draw(random, count);
      for (const [at, metric] of metrics.entries()) {
        const hits = found[at] ?? createTally();
        const measured = measure(metric, ours);
        hits.values.push(measured);
        hits.differences.push(measured - measure(metric, theirs));
        const own = intervalOf(metric, ours);
        if (own === null) hits.none++;
        else if (holds(own, truths.get(metric) ?? Number.NaN)) hits.value++;
        if (holds(differenceOf(metric, ours, theirs), 0)) hits.difference++;
      }
    });
    return metrics.map((metric, at) => {
      const { value, difference, none, values, differences } = found[at] ?? createTally();
      const percent = (hits: number, of: number) => ((100 * hits) / of).toFixed(1);
      const cells = [
        ...[percent(value, rounds - none), percent(leastHeld(values), 1)],
        ...[percent(difference, rounds), percent(leastHeld(differences), 1)],
      ];
      return [metric, name, count, rounds, ...cells];
    });
  });
}

/** In how many tests an interval held the truth, in how many there was none, and what was measured. */
interface Tally {
  value: number;
  difference: number;
  none: number;
  readonly values: number[];
  readonly differences: number[];
}

function createTally(): Tally {
  return { value: 0, difference: 0, none: 0, values: [], differences: [] };
}

/** As many rounds as fit into some seconds. */
function run(seconds: number, work: () => void): number {
  const end = process.cpuUsage().user + seconds * 1e6;
  let rounds = 0;
  for (; process.cpuUsage().user < end; rounds++) work();
  return rounds;
}

interface Ends {
  readonly low: number;
  readonly high: number;
}

/** Whether an interval holds a value. */
export function holds({ low, high }: Ends, value: number): boolean {
  return low <= value && value <= high;
}

function metricOf(name: string): QualityMetric {
  const metric = findMetric(name);
  if (!metric) throw new Error(`there is no metric ${name}`);
  return metric;
}

function measure(name: string, facts: MetricFacts): number {
  return metricOf(name).measure(facts) ?? Number.NaN;
}

/** The interval of a metric's value as reports show it, null where it has none. */
export function intervalOf(name: string, facts: MetricFacts): Ends | null {
  const { better } = metricOf(name);
  const [found] = metricIntervals([{ name, better, value: 0 }], facts);
  if (!found || found.low === null || found.high === null) return null;
  return { low: found.low, high: found.high };
}

function differenceOf(name: string, ours: MetricFacts, theirs: MetricFacts): Ends {
  const { low, high } = differenceInterval(metricOf(name), ours, theirs);
  return { low: low ?? Number.NEGATIVE_INFINITY, high: high ?? Number.POSITIVE_INFINITY };
}

/** One model's answer: probabilities from scores, by a temperature that makes it a little too sure. */
function answer(label: string, scores: readonly number[], classes: readonly string[]): TestExample {
  const weights = scores.map((score) => Math.exp(1.2 * score));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const probabilities = weights.map((weight) => weight / total);
  const predicted = classes[probabilities.indexOf(Math.max(...probabilities))] ?? '';
  return { label, predicted, probabilities };
}

type Draw = Setting['draw'];

/** Two classes, one of which has such a share, as two equally good models answer them. */
export function drawTwo(rare: number): Draw {
  const classes = ['a', 'b'];
  return (random, count) => {
    const examples = Array.from({ length: count }, () => {
      const positive = random.next() < rare;
      const common = 0.8 * random.normal() + (positive ? 1.8 : 0);
      const model = () => {
        const odds = 1.8 * (common + 0.6 * random.normal() - 0.9) + Math.log(rare / (1 - rare));
        return answer(positive ? 'b' : 'a', [0, odds], classes);
      };
      return [model(), model()] as const;
    });
    return sides(examples, classes);
  };
}

/** Classes of such shares, as two equally good models answer them. */
export function drawMany(shares: readonly number[]): Draw {
  const classes = shares.map((_, index) => String.fromCharCode(97 + index));
  return (random, count) => {
    const examples = Array.from({ length: count }, () => {
      const truth = pick(random, shares);
      const common = classes.map((_, index) => 0.7 * random.normal() + (index === truth ? 1.5 : 0));
      const model = () => {
        const scores = common.map(
          (score, index) => 1.5 * (score + 0.5 * random.normal()) + Math.log(shares[index] ?? 1),
        );
        return answer(classes[truth] ?? '', scores, classes);
      };
      return [model(), model()] as const;
    });
    return sides(examples, classes);
  };
}

function drawValues(draw: (random: Random) => number): Draw {
  return (random, count) => {
    const examples = Array.from({ length: count }, () => {
      const truth = 2 * random.normal();
      const common = draw(random);
      const model = (): TestExample => {
        const value = truth + common + 0.5 * draw(random);
        return { label: String(truth), predicted: String(value), probabilities: [value] };
      };
      return [model(), model()] as const;
    });
    return sides(examples, []);
  };
}

function student5(random: Random): number {
  const squares = Array.from({ length: 5 }, () => random.normal() ** 2);
  return random.normal() / Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / 5);
}

function sides(
  examples: readonly (readonly [TestExample, TestExample])[],
  classes: readonly string[],
): ReturnType<Draw> {
  const facts = (side: 0 | 1): MetricFacts => ({
    ...{ examples: examples.map((both) => both[side]), classes, outOfDistribution: null },
  });
  return [facts(0), facts(1)];
}
