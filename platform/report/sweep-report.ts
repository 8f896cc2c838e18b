import { type Static, Type } from 'typebox';
import { DigestSchema, nullable, SweepEnd, SweepTrial, Task } from '../schemas/index.ts';

/** What a sweep found, as its renderers show it and `--json` prints it. */
export const SweepReport = Type.Object({
  project: Type.Object({ name: Type.String(), task: Task }),
  /** Names the search, the parameters, the data and the code. */
  id: DigestSchema,
  method: Type.String(),
  /** The first decides. */
  objectives: Type.Array(
    Type.Object({
      name: Type.String(),
      better: Type.Union([Type.Literal('higher'), Type.Literal('lower')]),
    }),
  ),
  ended: SweepEnd,
  /** How many trials were wanted, today's parameters not counted. */
  planned: Type.Integer(),
  seconds: Type.Number(),
  /** Today's parameters first, as number 0. */
  trials: Type.Array(SweepTrial),
  /** For each parameter that was searched: where each trial lies between the ends of its range, 0 to 1. */
  axes: Type.Array(
    Type.Object({ key: Type.String(), positions: Type.Array(nullable(Type.Number())) }),
  ),
  /** The number of the best trial by the first objective; 0 if today's parameters are. */
  best: Type.Integer(),
  /** The numbers of the trials that no other one beats in every objective. */
  front: Type.Array(Type.Integer()),
  /** The best trial against today's parameters, on validation. */
  comparison: nullable(
    Type.Object({
      metric: Type.String(),
      examples: Type.Integer(),
      difference: Type.Number(),
      low: Type.Number(),
      high: Type.Number(),
      corrected: Type.Object({ low: Type.Number(), high: Type.Number() }),
      verdict: Type.Union([Type.Literal('better'), Type.Literal('within noise')]),
    }),
  ),
});
export type SweepReport = Static<typeof SweepReport>;
