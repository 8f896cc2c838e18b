import { type Static, type TSchema, Type } from 'typebox';
import { EvaluateOutput } from './evaluation.ts';
import { PackageOutput } from './package.ts';
import { PrepareOutput } from './prepare.ts';
import type { StageName } from './stage-names.ts';
import { TrainOutput } from './training.ts';
import { ValidateOutput } from './validation.ts';

/** The part of a model's record that stages fill: the property of each, with its schema. */
export const recordedOutputs = {
  prepared: PrepareOutput,
  /** The out-of-distribution set; absent without one. With it the record alone proves every stage's key. */
  preparedOutOfDistribution: Type.Optional(PrepareOutput),
  /** The features of the backbone; absent without one. */
  embedded: Type.Optional(PrepareOutput),
  embeddedOutOfDistribution: Type.Optional(PrepareOutput),
  /** What the part of a backbone that is trained reads; absent where none is. */
  activated: Type.Optional(PrepareOutput),
  activatedOutOfDistribution: Type.Optional(PrepareOutput),
  training: TrainOutput,
  evaluation: EvaluateOutput,
  package: PackageOutput,
};

interface StageRow {
  /** What the key and the record of the stage call it. */
  readonly name: string;
  /** Checked whenever the stage ends and whenever its result is reused. */
  readonly outputs: TSchema;
  /** The property of a model's record that holds its outputs; null where the record does without. */
  readonly recordedAs: keyof typeof recordedOutputs | null;
}

/**
 * What each stage of the flow leaves, and where a model's record keeps it. Not part of a stage's code, so that a
 * field that a schema gets re-keys only stages that fill it.
 */
export const stages = {
  validate: { name: 'validate', outputs: ValidateOutput, recordedAs: null },
  prepare: { name: 'prepare', outputs: PrepareOutput, recordedAs: 'prepared' },
  // The same stage with another dataset: equal inputs give equal keys.
  'prepare-out-of-distribution': {
    name: 'prepare',
    outputs: PrepareOutput,
    recordedAs: 'preparedOutOfDistribution',
  },
  embed: { name: 'embed', outputs: PrepareOutput, recordedAs: 'embedded' },
  'embed-out-of-distribution': {
    name: 'embed',
    outputs: PrepareOutput,
    recordedAs: 'embeddedOutOfDistribution',
  },
  activate: { name: 'activate', outputs: PrepareOutput, recordedAs: 'activated' },
  'activate-out-of-distribution': {
    name: 'activate',
    outputs: PrepareOutput,
    recordedAs: 'activatedOutOfDistribution',
  },
  train: { name: 'train', outputs: TrainOutput, recordedAs: 'training' },
  evaluate: { name: 'evaluate', outputs: EvaluateOutput, recordedAs: 'evaluation' },
  package: { name: 'package', outputs: PackageOutput, recordedAs: 'package' },
} as const satisfies Record<StageName, StageRow>;

/** What a stage leaves. */
export type StageOutputs<Name extends StageName> = Static<(typeof stages)[Name]['outputs']>;
