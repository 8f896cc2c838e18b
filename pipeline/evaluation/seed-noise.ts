import { metricsFor, normal975, studentQuantile } from '../../platform/quality/index.ts';
import type {
  Comparison,
  MetricComparison,
  Prediction,
  SeedDifference,
  SeedNoise,
  SeedSpread,
} from '../../platform/schemas/index.ts';
import { factsOn, momentsOf, type SeedTask } from './measure-seeds.ts';

/** What training noise and evaluation noise are distinguished by. */
export interface SeedNoiseInputs extends SeedTask {
  /** The candidate's answers. */
  readonly predictions: readonly Prediction[];
  readonly candidate: SeedSpread | null;
  readonly champion: SeedSpread | null;
  readonly comparison: Comparison | null;
  /** Whether both were trained and measured on the same version of the data. */
  readonly sameData: boolean;
}

/**
 * Distinguishes what the seed changes from what the choice of test examples changes, and says how far a candidate differs from the
 * champion if both count: whether the change is better, and not only the model that this seed made of it.
 *
 * The variance of a difference is that by the examples (of the two models that were compared) plus that by the seeds, with
 * Welch and Satterthwaite's degrees of freedom. What seeds change from example to example is in both and counts once. Of a model
 * that was trained once the other's spread is taken.
 *
 * @returns null if neither model was trained with several seeds
 */
export function describeSeedNoise(inputs: SeedNoiseInputs): SeedNoise | null {
  const { candidate, champion, comparison } = inputs;
  if (!candidate && !champion) return null;
  const of = hasSameTest(inputs) ? 'means' : 'models';
  return {
    candidate,
    champion,
    evaluation: evaluationErrors(inputs),
    comparison: comparison && {
      of,
      differences: comparison.metrics.flatMap((metric) =>
        differenceOf(metric, { ...{ candidate, champion, of }, examples: comparison.examples }),
      ),
    },
  };
}

/** Whether the means over the seeds of both models are about the same examples. */
function hasSameTest({ comparison, sameData }: SeedNoiseInputs): boolean {
  if (!comparison || !sameData) return false;
  const { seen, onlyCandidate, onlyChampion } = comparison;
  return seen + onlyCandidate + onlyChampion === 0;
}

/** The standard error of a metric by the test examples, where it has parts. */
function evaluationErrors({ task, classes, predictions }: SeedNoiseInputs) {
  const facts = factsOn(predictions, classes, 'test');
  const count = facts.examples.length;
  if (count < 2) return [];
  return metricsFor(task, false).flatMap(({ name, parts }) => {
    if (!parts) return [];
    const error = momentsOf(parts(facts)).deviation / Math.sqrt(count);
    return Number.isFinite(error) ? [{ name, error }] : [];
  });
}

interface Sides {
  readonly candidate: SeedSpread | null;
  readonly champion: SeedSpread | null;
  readonly of: 'means' | 'models';
  /** How many examples both models answered. */
  readonly examples: number;
}

function differenceOf(metric: MetricComparison, sides: Sides): SeedDifference[] {
  const { name, low, high } = metric;
  const [ours, theirs] = [spreadOf(sides.candidate, name), spreadOf(sides.champion, name)];
  const known = ours ?? theirs;
  if (!known || low === null || high === null) return [];
  const byExamples: Part = {
    variance: Math.max(
      0,
      ((high - low) / (2 * normal975)) ** 2 - (ours ?? known).shared - (theirs ?? known).shared,
    ),
    freedom: Math.max(1, sides.examples - 1),
  };
  const bySeeds = seedParts(ours, theirs, sides.of);
  const means = sides.of === 'means';
  const [mean, before] = means
    ? [ours?.mean ?? metric.candidate, theirs?.mean ?? metric.champion]
    : [metric.candidate, metric.champion];
  const difference = mean - before;
  const half = halfWidth([byExamples, ...bySeeds]);
  return [
    {
      ...{ name, difference, low: difference - half, high: difference + half },
      training: Math.sqrt(sum(bySeeds)),
      evaluation: Math.sqrt(byExamples.variance),
    },
  ];
}

interface SideSpread {
  readonly mean: number;
  readonly variance: number;
  /** What of it is other answers to single examples. */
  readonly shared: number;
  readonly seeds: number;
}

function spreadOf(spread: SeedSpread | null, name: string): SideSpread | null {
  const found = spread?.test.find((metric) => metric.name === name);
  if (!spread || !found) return null;
  return {
    mean: found.mean,
    variance: found.deviation ** 2,
    shared: (found.byExamples ?? 0) ** 2,
    seeds: spread.seeds.length,
  };
}

/** A part of a variance, with how well it is known. */
interface Part {
  readonly variance: number;
  readonly freedom: number;
}

/** What seeds add to the variance of a difference. A model that was trained once varies as the other one does. */
function seedParts(
  ours: SideSpread | null,
  theirs: SideSpread | null,
  of: Sides['of'],
): readonly Part[] {
  const shareOf = (side: SideSpread | null) => (of === 'means' && side ? 1 / side.seeds : 1);
  const share = [shareOf(ours), shareOf(theirs)] as const;
  if (ours && theirs) {
    return [ours, theirs].map(({ variance, seeds }, index) => ({
      variance: variance * (share[index] ?? 1),
      freedom: seeds - 1,
    }));
  }
  const known = ours ?? theirs;
  if (!known) return [];
  return [{ variance: known.variance * (share[0] + share[1]), freedom: known.seeds - 1 }];
}

function sum(parts: readonly Part[]): number {
  return parts.reduce((total, { variance }) => total + variance, 0);
}

/** Half the 95 % interval of a sum whose parts are known to different degrees (Satterthwaite, Biometrics Bulletin 2, 1946). */
function halfWidth(parts: readonly Part[]): number {
  const variance = sum(parts);
  if (!(variance > 0)) return 0;
  const freedom =
    variance ** 2 / parts.reduce((total, part) => total + part.variance ** 2 / part.freedom, 0);
  return studentQuantile(0.025, freedom) * Math.sqrt(variance);
}
