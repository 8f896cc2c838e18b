import { type Static, Type } from 'typebox';
import { nullable } from './atoms.ts';
import { stageNames } from './stage-names.ts';

const amount = Type.Number({ minimum: 0, maximum: 1e9 });
const bytes = Type.Number({ minimum: 0, maximum: 1e15 });

/** What a stage spent besides time; null where the machine does not say. */
export const Spent = Type.Object({
  /** Seconds of processor time, of all threads and processes of the run. */
  processorSeconds: nullable(amount),
  /** Joules of the processor packages while the stage ran, whoever used them. */
  joules: nullable(amount),
  /** Most memory that all processes of the run held at a time, seen while the stage ran. Absent in earlier records. */
  peakBytes: Type.Optional(nullable(bytes)),
  /** Seconds by the clock for which the stage held a GPU; 0 without one. Absent in earlier records. */
  gpuSeconds: Type.Optional(amount),
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

/** What the machines cost, so that reports can say it in money. */
export const Prices = Type.Object(
  {
    /** Three letters (ISO 4217), for example `EUR`. */
    currency: Type.String({ pattern: '^[A-Z]{3}$' }),
    /** Of the machine that trains, for an hour. */
    perHour: Type.Number({ minimum: 0 }),
    /** Of the machine that serves, for an hour; without it the report has no price of predictions. */
    servingPerHour: Type.Optional(Type.Number({ minimum: 0 })),
  },
  { additionalProperties: false },
);
export type Prices = Static<typeof Prices>;
