import { type Static, Type } from 'typebox';
import { DigestSchema } from './atoms.ts';
import { Proportion } from './evaluation.ts';

/** The answers whose confidence lies in one range: a perfect model is right as often as it claims. */
export const ReliabilityBin = Type.Object({
  /** From (included) to (excluded; the last included). */
  from: Type.Number(),
  to: Type.Number(),
  /** The mean confidence of these answers. */
  confidence: Type.Number(),
  /** The share that is right, with its 95 % interval. */
  right: Proportion,
});
export type ReliabilityBin = Static<typeof ReliabilityBin>;

/** A test example that the candidate answers wrongly. */
export const ErrorExample = Type.Object({
  id: Type.String(),
  /** Of a table: where a person finds it in the file, from 1. */
  row: Type.Optional(Type.Integer()),
  digest: DigestSchema,
  label: Type.String(),
  predicted: Type.String(),
  /** Probability of the answer; of a regression the absolute error. */
  size: Type.Number(),
});
export type ErrorExample = Static<typeof ErrorExample>;

/** What the candidate's errors on the test split have in common. It is not part of the record: nothing is decided by it. */
export const Analysis = Type.Object({
  /** Empty for regression. */
  reliability: Type.Array(ReliabilityBin),
  /** How many test examples are answered wrongly; of a regression all. */
  errors: Type.Integer(),
  /** The surest of them, or those furthest off, worst first. */
  worst: Type.Array(ErrorExample),
});
export type Analysis = Static<typeof Analysis>;
