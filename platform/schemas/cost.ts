import { type Static, Type } from 'typebox';
import { nullable } from './atoms.ts';
import { stageNames } from './stage-names.ts';

const amount = Type.Number({ minimum: 0, maximum: 1e9 });

/** What a stage spent besides time; null where the machine does not say. */
export const Spent = Type.Object({
  /** Seconds of processor time, of all threads and processes of the run. */
  processorSeconds: nullable(amount),
  /** Joules of the processor packages while the stage ran, whoever used them. */
  joules: nullable(amount),
});
export type Spent = Static<typeof Spent>;

/**
 * What the stages of a run cost to compute, once: a reused result counts with what it cost then. Measured, so it is
 * different each time and no part of a model's record.
 */
export const RunCost = Type.Object({
  version: Type.Literal(1),
  stages: Type.Array(
    Type.Object({
      stage: Type.Enum(stageNames),
      /** By the clock. */
      seconds: amount,
      ...Spent.properties,
    }),
    { maxItems: stageNames.length },
  ),
});
export type RunCost = Static<typeof RunCost>;
