import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import { Artefact, DigestSchema, nullable } from './atoms.ts';

/** What a part of a training showed. */
export const PartOutput = Type.Object({
  /** How many epochs (of trees rounds) were trained: as many as asked for, unless training ended before. */
  epochs: Type.Integer(),
  /** The lowest validation loss of them. */
  loss: Type.Number(),
});
export type PartOutput = Static<typeof PartOutput>;

/** How good a trained model is on the validation split. The test split is not asked. */
export const ValidationOutput = Type.Object({
  examples: Type.Integer(),
  metrics: dictionary(Type.Number()),
  /** JSON lines of `Prediction`, of the validation split alone. */
  predictions: Artefact,
});
export type ValidationOutput = Static<typeof ValidationOutput>;

/** How large a trained model is as a file, and how fast one example is answered with it. */
export const FootprintOutput = Type.Object({
  modelBytes: Type.Integer(),
  /** The median, in milliseconds. */
  latencyMs: Type.Number(),
});
export type FootprintOutput = Static<typeof FootprintOutput>;

/** One set of parameters that a sweep tried. */
export const SweepTrial = Type.Object({
  /** 0 are today's parameters. */
  trial: Type.Integer(),
  /** By dotted key. */
  values: dictionary(Type.Unknown()),
  status: Type.Union([
    Type.Literal('done'),
    /** Given up early, because others were ahead. */
    Type.Literal('stopped'),
    Type.Literal('failed'),
  ]),
  /** How long it was trained where that is less than the whole; null otherwise. */
  epochs: nullable(Type.Integer()),
  /** The lowest validation loss of what was stopped; null otherwise. */
  loss: nullable(Type.Number()),
  /** On validation, and of the file; empty unless it is done. */
  metrics: dictionary(Type.Number()),
  predictions: nullable(Artefact),
  error: nullable(Type.Object({ code: Type.String(), message: Type.String() })),
  /** How long it took, or took when it ran. */
  seconds: Type.Number(),
});
export type SweepTrial = Static<typeof SweepTrial>;

/** Why a sweep ended. */
export const SweepEnd = Type.Union([
  Type.Literal('complete'),
  Type.Literal('time'),
  /** Every combination was tried. */
  Type.Literal('exhausted'),
  /** One of its jobs left nothing. */
  Type.Literal('partial'),
]);
export type SweepEnd = Static<typeof SweepEnd>;

/** What a sweep has found so far: `.mainstem/sweeps/<project>/<id>.json`. */
export const SweepState = Type.Object({
  version: Type.Literal(1),
  project: Type.String(),
  /** Names the search, the parameters, the data and the code: other results belong to another sweep. */
  id: DigestSchema,
  trials: Type.Array(SweepTrial),
  /** Of searching, all sessions together. */
  seconds: Type.Number(),
});
export type SweepState = Static<typeof SweepState>;

/** What one of several jobs found, as `share.json`: its part of the trials, with today's parameters. */
export const SweepShare = Type.Object(
  {
    ...SweepState.properties,
    planned: Type.Integer(),
    ended: SweepEnd,
    /** Which share of how many this is, from 0. */
    share: Type.Integer({ minimum: 0 }),
    shares: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);
export type SweepShare = Static<typeof SweepShare>;
