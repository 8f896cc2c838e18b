import { type Static, Type } from 'typebox';
import { DigestSchema, nullable } from './atoms.ts';
import { GateResult, MetricComparison, MetricInterval, Verdict } from './comparison.ts';

/** Candidate against champion on the held-back examples that the champion has not learnt from. */
export const HeldBackComparison = Type.Object({
  /** The champion's run. */
  champion: Type.String(),
  verdict: Verdict,
  reason: Type.String(),
  examples: Type.Integer(),
  /** Held-back examples left out because the champion was trained or validated on them. */
  seen: Type.Integer(),
  metrics: Type.Array(MetricComparison),
});
export type HeldBackComparison = Static<typeof HeldBackComparison>;

/** What a promotion found on the examples that only promotions look at. No answer to a single example is in it. */
export const HeldBack = Type.Object({
  /** Digest over the examples and their labels: another set has another one. */
  set: DigestSchema,
  examples: Type.Integer(),
  /** How many models were measured on this set, this one among them. */
  looks: Type.Integer(),
  metrics: Type.Array(MetricInterval),
  /** Null without a champion, and for one that cannot be compared. */
  comparison: nullable(HeldBackComparison),
  /** What is refused if it is shown. */
  gates: Type.Array(GateResult),
});
export type HeldBack = Static<typeof HeldBack>;

/** What is measured of it; how often was looked is counted by those who promote. */
export interface HeldBackFigures extends Omit<HeldBack, 'looks'> {
  /** By what its examples are known again in another set. */
  readonly marks: string;
}

/**
 * `models/<name>/held-back/<run>.json`: that a model was measured on held-back examples, whether it was promoted
 * or refused. It is written once and never changed.
 */
export const HeldBackLook = Type.Object({
  version: Type.Literal(1),
  model: Type.String(),
  run: Type.String({ pattern: '^[0-9a-f]{12}$' }),
  set: DigestSchema,
  examples: Type.Integer(),
  /**
   * The first of the sorted marks of its examples, by which a later set that shares some is recognised. Absent in notes of earlier
   * versions.
   */
  marks: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]*$' })),
});
export type HeldBackLook = Static<typeof HeldBackLook>;
