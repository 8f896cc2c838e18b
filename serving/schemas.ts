import { type Static, Type } from 'typebox';
import { lookupStatuses } from '../platform/features/index.ts';
import { dictionary } from '../platform/lib/dictionary.ts';
import { DigestSchema, nullable, Row, Task } from '../platform/schemas/index.ts';

/** Why an input was refused. */
export const Refusal = Type.Object({
  reason: Type.String({ description: 'for programs, for example `out-of-distribution`' }),
  message: Type.String({ description: 'for people, in the words of the project' }),
  blank: Type.Array(Type.String(), {
    description:
      'columns that the row has no value for, or a category that training never saw: rows with such gaps can be unlike the ' +
      'training data for that alone, though all their values are right; empty for photos',
  }),
});

/** The result for one input. */
export const Result = Type.Object({
  class: nullable(Type.String({ description: 'most probable class; null for regression' })),
  label: Type.String({ description: 'the class in words, or the value as text' }),
  value: nullable(Type.Number({ description: 'the predicted value; null for classification' })),
  probability: nullable(Type.Number({ description: 'calibrated, of `class`' })),
  probabilities: dictionary(Type.Number(), {
    description: 'calibrated, of every class; they sum to 1',
  }),
  accepted: Type.Boolean({ description: 'false: out of distribution, do not rely on the result' }),
  refusal: nullable(Refusal),
  score: Type.Number({ description: 'higher is more similar to the training data' }),
  threshold: nullable(Type.Number({ description: 'inputs with a lower score are refused' })),
  unknown: Type.Array(Type.String(), {
    description:
      'columns whose category training never saw, which are answered as if they were missing; /models lists the known ones',
  }),
  features: Type.Optional(
    dictionary(Type.Enum([...lookupStatuses, 'given']), {
      description:
        'of a model that looks up features: each view, and whether its values were present, missing (no such key), expired (too ' +
        'old), unavailable (the server has none), or all given in the request',
    }),
  ),
});
export type Result = Static<typeof Result>;

/** The response to a prediction request; `results` are in the order of the inputs. */
export const Prediction = Type.Object({
  id: Type.String({
    description:
      'a UUID of version 7; a label may be sent for it where the server keeps its answers',
  }),
  model: Type.String(),
  version: Type.String({ description: 'the run that made the model' }),
  digest: DigestSchema,
  results: Type.Array(Result),
});
export type Prediction = Static<typeof Prediction>;
/** A response that has no name yet. */
export type Predicted = Omit<Prediction, 'id'>;

export { Row };
/** One row, or a list of rows. */
export const Rows = Type.Union([Row, Type.Array(Row, { minItems: 1 })]);

/** RFC 9457 problem details. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'see docs/errors.md' }),
    hint: Type.String(),
    instance: Type.String(),
    file: Type.Optional(Type.Integer({ description: 'position of the photo at fault, from 0' })),
    row: Type.Optional(Type.Integer({ description: 'number of the row at fault, from 1' })),
    column: Type.Optional(Type.String({ description: 'name of the column at fault' })),
    reason: Type.Optional(Type.String({ description: 'what is wrong with that column' })),
  },
  { description: 'Problem details (RFC 9457)' },
);
export type Problem = Static<typeof Problem>;

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
});
/** The error responses of a route outside `/v2`. */
export const problems = {
  '4xx': problem('The request cannot be answered as it is'),
  '5xx': problem('The server cannot answer; 503 for now only, see Retry-After'),
};

/** What a pointer names and what cannot serve. */
const Refused = {
  channel: Type.String(),
  version: Type.String(),
  code: Type.String({ description: 'see docs/errors.md' }),
};
/** Exactly which model serves: what a deployment compares with git. */
export const ModelVersion = Type.Object({
  model: Type.String(),
  version: Type.String(),
  record: DigestSchema,
  onnx: DigestSchema,
  refused: Type.Optional(
    Type.Array(Type.Object(Refused), { description: 'what pointers name and what cannot serve' }),
  ),
  trials: Type.Optional(
    Type.Array(
      Type.Object({
        channel: Type.String({ description: 'canary or shadow' }),
        version: Type.String(),
        record: DigestSchema,
        onnx: DigestSchema,
        share: Type.Number({ description: 'of the requests' }),
      }),
      { description: 'what is tried beside it' },
    ),
  ),
});
/** All models that serve. */
export const Version = Type.Object({
  server: Type.String(),
  /** Of the server's own files. */
  build: DigestSchema,
  models: Type.Array(ModelVersion),
  refused: Type.Optional(
    Type.Array(Type.Object({ model: Type.String(), ...Refused }), {
      description: 'what pointers name of models that do not serve at all',
    }),
  ),
  follows: Type.Optional(
    Type.Object(
      {
        from: Type.String({ description: 'git or remote' }),
        branch: Type.String(),
        commit: nullable(Type.String({ description: 'null until one was read' })),
        age: Type.Number({ description: 'seconds since the branch was last seen' }),
        failure: nullable(Type.String({ description: 'why not since; see docs/errors.md' })),
      },
      { description: 'the branch whose pointers are followed; none where files are' },
    ),
  ),
});
export type Version = Static<typeof Version>;

/** A column that a table model takes. */
export const Column = Type.Object({
  name: Type.String(),
  kind: Type.Union([
    Type.Literal('number'),
    Type.Literal('category'),
    Type.Literal('date'),
    Type.Literal('boolean'),
  ]),
  values: Type.Array(Type.String(), { description: 'values of a category; empty for a number' }),
  typical: nullable(
    Type.Number({ description: 'mean (or median) of the training data; null for all but numbers' }),
  ),
});

/** What the page needs to know about a model. */
export const ModelDescription = Type.Object({
  name: Type.String(),
  version: Type.String(),
  digest: DigestSchema,
  createdAt: Type.String(),
  task: Task,
  classes: Type.Array(Type.Object({ class: Type.String(), label: Type.String() })),
  columns: Type.Array(Column),
  title: Type.String(),
  intro: Type.String(),
  feedback: Type.Boolean({ description: 'whether POST /feedback accepts corrections' }),
  explain: Type.Boolean({ description: 'whether POST /v2/models/{name}/explain answers' }),
  limits: Type.Object({ bytes: Type.Integer(), files: Type.Integer(), rows: Type.Integer() }),
});
export type ModelDescription = Static<typeof ModelDescription>;

/** Which version a correction is about; '' is as good as none. */
export const AnsweredBy = Type.String({
  pattern: '^([0-9a-f]{12})?$',
  description:
    'the version that gave the answer; without it the correction counts for the one in production. One that is not loaded any more ' +
    'is kept with the label, which then counts for none',
});

/** What a sender knows of an example that the model does not see: the light, the camera. */
export const Slices = dictionary(Type.String({ maxLength: 200 }), {
  description:
    'what is known of the example, by the slices of the project, for example `{ "light": "evening" }`: counted by itself, and kept beside the label',
});

/** A label for an answer that the server has kept, sent later. */
export const LabelById = Type.Object({
  id: Type.String({ minLength: 1, description: 'of the answer' }),
  label: Type.String({ minLength: 1 }),
  index: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'position of the input, from 0; needed where the answer had several',
    }),
  ),
  slices: Type.Optional(Slices),
});
export type LabelById = Static<typeof LabelById>;

/** The response to a correction. */
export const Stored = Type.Object({
  stored: Type.Boolean({
    description: 'false: the last correction of this example says the same',
  }),
  digest: DigestSchema,
  label: Type.String(),
});
export type Stored = Static<typeof Stored>;
