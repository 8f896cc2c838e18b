import { type Static, Type } from 'typebox';
import { nullable } from './atoms.ts';
import { mostSeeds } from './most-seeds.ts';

/** A metric over models that differ only by the seed of their training. */
export const MetricSpread = Type.Object({
  name: Type.String(),
  mean: Type.Number(),
  /** Standard deviation between the models (n − 1). */
  deviation: Type.Number(),
  /**
   * Of the test split: the part of the deviation that is other answers to single examples, which more examples would average
   * out. Absent for metrics to which examples do not contribute one by one.
   */
  byExamples: Type.Optional(Type.Number()),
});
export type MetricSpread = Static<typeof MetricSpread>;

/**
 * What a change of nothing but the seed changes. What a single seed reached on the test split is kept nowhere: who sees it can
 * choose the luckiest.
 */
export const SeedSpread = Type.Object({
  /** The first is the model's own. */
  seeds: Type.Array(Type.Integer(), { minItems: 2, maxItems: mostSeeds }),
  /** How many different models they made: 1 where training leaves nothing to chance. */
  models: Type.Integer(),
  validation: Type.Array(MetricSpread),
  test: Type.Array(MetricSpread),
});
export type SeedSpread = Static<typeof SeedSpread>;

/** A metric's difference between a change and what serves, whichever seeds they were trained with. */
export const SeedDifference = Type.Object({
  name: Type.String(),
  /** Candidate − champion, with its 95 % interval from both kinds of noise. */
  difference: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
  /** Its standard error by the seeds, and by the test examples. */
  training: Type.Number(),
  evaluation: Type.Number(),
});
export type SeedDifference = Static<typeof SeedDifference>;

/** What a report says of seeds. */
export const SeedNoise = Type.Object({
  candidate: nullable(SeedSpread),
  champion: nullable(SeedSpread),
  /** The standard error of the candidate's own metrics by the test examples. */
  evaluation: Type.Array(Type.Object({ name: Type.String(), error: Type.Number() })),
  /** Null without a comparison with a champion. */
  comparison: nullable(
    Type.Object({
      /** `means` of the seeds where both were measured on the same test examples, otherwise of the two `models`. */
      of: Type.Union([Type.Literal('means'), Type.Literal('models')]),
      differences: Type.Array(SeedDifference),
    }),
  ),
});
export type SeedNoise = Static<typeof SeedNoise>;
