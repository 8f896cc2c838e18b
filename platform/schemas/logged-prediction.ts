import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import { DigestSchema, nullable } from './atoms.ts';

/** A row of a table: column → value; a missing column, and a category that training never saw, count as missing. */
export const Row = dictionary(
  Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
);
export type Row = Static<typeof Row>;

/** In place of a bin: the input lacks the property. */
export const noBin = -1;

/** What one input was answered, as the server's prediction log keeps it. */
export const LoggedPrediction = Type.Object({
  /** Of the answer; the digest of a caller's own id that is longer than 200 characters. */
  id: Type.String(),
  /** Position of the input in its request, from 0, … */
  index: Type.Integer({ minimum: 0 }),
  /** … of so many. */
  inputs: Type.Integer({ minimum: 1 }),
  /** Time of the request, ISO 8601 in UTC. */
  at: Type.String(),
  model: Type.String(),
  /** The run that made the model. */
  version: Type.String(),
  kind: Type.Enum(['photo', 'row', 'tensor']),
  /** Of the photo's bytes, the row's canonical JSON, or the tensor's numbers as 32-bit floats. */
  digest: DigestSchema,
  /** Only where the server was asked to keep values. */
  row: Type.Optional(Row),
  class: nullable(Type.String()),
  value: nullable(Type.Number()),
  /** Calibrated, by class. */
  probabilities: dictionary(Type.Number()),
  score: Type.Number(),
  accepted: Type.Boolean(),
  /**
   * The bin of each property of the version's reference profile, in its order, as the metrics count it: {@link noBin} where it is
   * missing, null where it was not measured. Absent in lines of earlier servers.
   */
  bins: Type.Optional(Type.Array(nullable(Type.Integer({ minimum: noBin })))),
  /** Milliseconds from the request's first byte to the last one of its answer. */
  ms: Type.Number(),
});
export type LoggedPrediction = Static<typeof LoggedPrediction>;

/** What a person said of an answer, as the server's feedback keeps it: one line of `<day>.jsonl`. */
export const FeedbackLine = Type.Object({
  model: Type.String(),
  version: Type.String(),
  digest: DigestSchema,
  /** The class according to the person. */
  label: Type.String(),
  /** The class according to the model. */
  predicted: Type.String(),
  /** Whether the model accepted the input. */
  accepted: Type.Boolean(),
  /** Time of the correction, ISO 8601 in UTC. */
  at: Type.String(),
  /** Of the answer, where the correction names one, … */
  id: Type.Optional(Type.String()),
  /** … and the position of the input. */
  index: Type.Optional(Type.Integer({ minimum: 0 })),
  /** What the sender said of the example, by the slices of the model. */
  slices: Type.Optional(dictionary(Type.String())),
  row: Type.Optional(Row),
});
export type FeedbackLine = Static<typeof FeedbackLine>;

/** The label of feedback for "none of the classes". */
export const otherLabel = 'other';
