import { type Static, type TSchema, Type } from 'typebox';
import { MainstemError } from '../../lib/errors.ts';
import { parseJsonText } from '../../lib/json-text.ts';
import { findSchemaFault } from '../../lib/schema-fault.ts';
import { type ModelKind, modelKind } from './model-kind.ts';
import type { ProjectDefinition } from './project.ts';
import { Thresholds } from './thresholds.ts';
import { TreesParameters } from './trees.ts';

/** Pixels per side that pictures may be scaled to. */
export const imageSizes = { least: 16, most: 512 } as const;

const FineTune = Type.Object(
  {
    blocks: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        description:
          'so many of the last blocks of the backbone are trained, too; 0 or "fineTune" left out leaves it as it is',
      }),
    ),
    from: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'in place of `blocks`: the tensor of the backbone from which on it is trained',
      }),
    ),
    epochs: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: 'at most so many passes after those that train the new layers alone',
    }),
    learningRate: Type.Number({
      exclusiveMinimum: 0,
      maximum: 10,
      description: 'of Adam in these passes; a tenth to a hundredth of `learningRate` is usual',
    }),
  },
  { additionalProperties: false },
);
export type FineTune = Static<typeof FineTune>;

/** Where the part of a backbone that is trained begins: at the last so many blocks, or at a tensor. */
export type TunedFrom = Pick<FineTune, 'blocks' | 'from'>;

/** Parameters of a network that the platform reads; a project adds its own under `model`. */
export const PlatformParameters = Type.Object(
  {
    seed: Type.Integer({
      minimum: 1,
      maximum: 2 ** 31 - 1,
      description: 'all randomness of training',
    }),
    imageSize: Type.Optional(
      Type.Integer({
        minimum: imageSizes.least,
        maximum: imageSizes.most,
        description: 'pixels per side that the network sees; photos need it',
      }),
    ),
    epochs: Type.Integer({ minimum: 1, maximum: 10_000, description: 'at most so many passes' }),
    batchSize: Type.Integer({ minimum: 1, maximum: 4096, description: 'examples per step' }),
    learningRate: Type.Number({ exclusiveMinimum: 0, maximum: 10, description: 'of Adam' }),
    learningRateSchedule: Type.Union([Type.Literal('constant'), Type.Literal('cosine')], {
      description: 'how it falls over the epochs',
    }),
    earlyStopping: Type.Integer({
      minimum: 0,
      description: 'epochs without a better validation loss before stopping; 0 never stops',
    }),
    classWeights: Type.Union([Type.Literal('none'), Type.Literal('balanced')], {
      description:
        'whether rare classes count more in the loss; probabilities are right either way, balanced may rank rare classes better',
    }),
    augmentation: Type.Object(
      {
        flip: Type.Boolean({ description: 'mirror left to right at random' }),
        shift: Type.Number({ minimum: 0, maximum: 0.5, description: 'share of the side' }),
        brightness: Type.Number({ minimum: 0, maximum: 1, description: 'factor 1 ± brightness' }),
        rotate: Type.Number({ minimum: 0, maximum: 180, description: 'degrees either way' }),
        zoom: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 0.9,
            description: 'random crop: at most this share of the side is cut away; left out is 0',
          }),
        ),
        colour: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 1,
            description:
              'saturation and contrast 1 ± colour, channels 1 ± a quarter of it; left out is 0',
          }),
        ),
        blur: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 0.1,
            description: 'every second photo, by at most this share of the side; left out is 0',
          }),
        ),
        erase: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 0.9,
            description:
              'grey rectangle in every second photo, at most this share of its sides; left out is 0',
          }),
        ),
        mixup: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 1,
            description:
              'photos laid over each other, by shares from Beta(mixup, mixup); left out is 0',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    outlierExposure: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10,
        description:
          'weight of learning to refuse the out-of-distribution set; 0 or left out learns without it',
      }),
    ),
    fineTune: Type.Optional(FineTune),
    thresholds: Thresholds,
  },
  { additionalProperties: false },
);
export type PlatformParameters = Static<typeof PlatformParameters>;

/** What params.json of a network holds. */
export type NetworkParameters = PlatformParameters & {
  readonly model: Readonly<Record<string, unknown>>;
};

/** What params.json holds. */
export type Parameters = NetworkParameters | TreesParameters;

/**
 * Parses params.json for a project.
 *
 * @param path what to call the file in an error. @throws MainstemError PARAMETER_INVALID, JSON_INVALID, MERGE_CONFLICT
 */
export function parseParameters(
  text: string,
  definition: ProjectDefinition,
  path: string,
): Parameters {
  const properties =
    definition.parameters?.properties ?? TreesParameters.properties.model.properties;
  const model = Type.Object(properties, { additionalProperties: false });
  const parameters = parseAgainst(parametersSchema(modelKind(definition), model), text, path);
  assertDecision(parameters, definition, path);
  assertAugmentation(parameters, definition, path);
  assertFineTune(parameters, definition, path);
  const photos = definition.task === 'image-classification';
  if (photos && !('imageSize' in parameters && parameters.imageSize !== undefined)) {
    const allowed = 'a whole number of pixels from 16 to 512';
    throw new MainstemError('PARAMETER_INVALID', {
      path,
      key: 'imageSize',
      value: 'missing',
      allowed,
    });
  }
  return parameters;
}

/** A frozen backbone's features are computed once: what a photo is varied by would be ignored without a word. */
function assertAugmentation(
  parameters: Parameters,
  { backbone }: ProjectDefinition,
  path: string,
): void {
  if (!backbone || !('augmentation' in parameters)) return;
  const [varied] = Object.entries(parameters.augmentation).filter(([, value]) => Boolean(value));
  if (!varied) return;
  const [name, value] = varied;
  const allowed = `${typeof value === 'boolean' ? 'false' : '0'}, since the features of a backbone are computed once`;
  throw new MainstemError('PARAMETER_INVALID', {
    ...{ path, key: `augmentation.${name}`, value: JSON.stringify(value), allowed },
  });
}

/** What a schema cannot say: what is trained further is a backbone, from one place on. */
function assertFineTune(
  parameters: Parameters,
  { backbone }: ProjectDefinition,
  path: string,
): void {
  if (!('fineTune' in parameters) || !parameters.fineTune) return;
  const { blocks, from } = parameters.fineTune;
  const fault = (allowed: string) =>
    new MainstemError('PARAMETER_INVALID', {
      ...{ path, key: 'fineTune', value: JSON.stringify(parameters.fineTune), allowed },
    });
  if (!backbone) throw fault('left out: only a backbone is trained further');
  if ((blocks === undefined) === (from === undefined)) throw fault('with one of blocks and from');
}

/**
 * Where the part of the backbone begins that parameters say is trained further; null where none is.
 *
 * @example tunedFrom({ ...parameters, fineTune: { blocks: 2, epochs: 5, learningRate: 1e-4 } }) // { blocks: 2 }
 */
export function tunedFrom(parameters: Parameters): TunedFrom | null {
  if (!('fineTune' in parameters) || !parameters.fineTune) return null;
  const { blocks, from } = parameters.fineTune;
  if (from !== undefined) return { from };
  return blocks ? { blocks } : null;
}

/** What a schema cannot say: a threshold needs two classes, one of them its own, and one rule. */
function assertDecision(
  { thresholds: { decision } }: Parameters,
  { classes = [] }: ProjectDefinition,
  path: string,
): void {
  if (!decision) return;
  const { class: name, ...rules } = decision;
  const fault = (key: string, value: unknown, allowed: string) =>
    new MainstemError('PARAMETER_INVALID', { path, key, value: JSON.stringify(value), allowed });
  if (classes.length !== 2) {
    const allowed = 'left out: only projects of two classes have a threshold';
    throw fault('thresholds.decision', decision, allowed);
  }
  if (!classes.includes(name)) {
    throw fault('thresholds.decision.class', name, `one of ${classes.join(', ')}`);
  }
  if (Object.keys(rules).length === 1) return;
  throw fault('thresholds.decision', decision, 'a class with one of probability, cost, precision');
}

/**
 * Parses the parameters that a model's record keeps; what its project allowed under `model` at that time is not known.
 *
 * @throws MainstemError PARAMETER_INVALID
 */
export function parseRecordedParameters(
  recorded: Readonly<Record<string, unknown>>,
  kind: ModelKind,
  path: string,
): Parameters {
  const model = Type.Record(Type.String(), Type.Unknown());
  return parseAgainst(parametersSchema(kind, model), JSON.stringify(recorded), path);
}

function parametersSchema(kind: ModelKind, model: TSchema): TSchema {
  const { properties } = kind === 'trees' ? TreesParameters : PlatformParameters;
  return Type.Object({ ...properties, model }, { additionalProperties: false });
}

function parseAgainst(schema: TSchema, text: string, path: string): Parameters {
  const value = parseJsonText(text, path);
  const fault = findSchemaFault(schema, value);
  if (fault) throw new MainstemError('PARAMETER_INVALID', { path, ...fault });
  return value as Parameters;
}
