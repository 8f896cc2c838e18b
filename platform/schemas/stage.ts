import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import { DigestSchema, nullable } from './atoms.ts';
import { Spent } from './cost.ts';

/** Everything that went into a stage. Its canonical JSON's SHA-256 is the run key. */
export const StageInputs = Type.Object({
  stage: Type.String(),
  inputs: Type.Unknown(),
  parameters: dictionary(Type.Unknown()),
  /** Source file (relative to the repository) → digest of its code without comments. */
  code: dictionary(DigestSchema),
  packages: dictionary(Type.String()),
  /** Empty for stages that do not compute on tensors. */
  backend: Type.String(),
});
export type StageInputs = Static<typeof StageInputs>;

export const StageRecord = Type.Object({
  version: Type.Literal(1),
  project: Type.String(),
  key: DigestSchema,
  ingredients: StageInputs,
  status: Type.Union([Type.Literal('done'), Type.Literal('failed')]),
  outputs: Type.Unknown(),
  error: nullable(Type.Object({ code: Type.String(), message: Type.String() })),
  startedAt: Type.String(),
  seconds: Type.Number(),
  /** Absent in records of earlier versions. */
  spent: Type.Optional(Spent),
});
export type StageRecord = Static<typeof StageRecord>;
