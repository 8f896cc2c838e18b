import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as layers from '@tensorflow/tfjs-layers';
import { type Static, type TObject, Type } from 'typebox';
import { assertDefinition } from './assert-definition.ts';
import { isMainstemError, MainstemError } from './lib/errors.ts';
import { findSchemaFault } from './lib/schema-fault.ts';
import type { Task } from './types.ts';

/** Where a dataset lies and what it is. */
export interface DatasetDefinition {
  /** Key in `data.lock.json`, for example `pumpkins`. */
  readonly name: string;
  /**
   * Images: a folder of `<anything>/<class>/<file>`, with an optional `metadata.csv` (column `file`, then
   * any columns for slices and groups). Table: one CSV file with a header. Relative to the repository.
   */
  readonly path: string;
  /** Where it comes from, in words or as an address. */
  readonly source: string;
  /** SPDX identifier or words. */
  readonly licence: string;
}

/** Which examples train, validate and test. */
export interface SplitDefinition {
  /** Changing it deals all groups anew. */
  readonly seed: number;
  /** Shares of train, validation and test; they sum to 1. @default 0.7, 0.15, 0.15 */
  readonly fractions?: readonly [train: number, validation: number, test: number];
  /** Metadata column; all examples with one value go to one split. @default each example by itself */
  readonly group?: string;
}

/** Which columns of a table are used, and how. */
export interface TableDefinition {
  /** The column to predict. */
  readonly label: string;
  readonly features: Readonly<Record<string, ColumnDefinition>>;
}

export interface ColumnDefinition {
  readonly kind: 'number' | 'category';
  /** Validation reports numbers outside. */
  readonly range?: readonly [low: number, high: number];
  /** Validation reports categories outside. */
  readonly values?: readonly string[];
  /** Highest share of missing values. @default 0.05 */
  readonly missing?: number;
}

/** A way to cut the test split, so that an average cannot hide a weak spot. */
export interface SliceDefinition {
  /** Metadata column whose values are the slices. */
  readonly column: string;
  /** Slices with fewer examples are reported but never gate. @default 20 */
  readonly minimumCount?: number;
}

/** What must hold before a model may be promoted. */
export type GateDefinition =
  /** A metric's floor (`higher` is better) or ceiling. */
  | { readonly metric: string; readonly atLeast: number }
  | { readonly metric: string; readonly atMost: number }
  /** The metric may not be worse than the champion's by more than the margin, at 95 % confidence. */
  | { readonly metric: 'accuracy'; readonly notWorseBy: number }
  /** Lowest accuracy of any slice with enough examples. */
  | { readonly slices: 'accuracy'; readonly atLeast: number };

export interface Budgets {
  /** Bytes of the packaged model. */
  readonly modelBytes: number;
  /** Milliseconds for one example, 95th percentile, preprocessing excluded. */
  readonly latencyMs: number;
}

/** Thresholds of the image checks; see docs/validation in the finding's hint. Shares are 0..1. */
export interface ImageChecks {
  /** Pixels of the shorter side. @default 64 */
  readonly minimumSide?: number;
  /** Longer side / shorter side. @default 3 */
  readonly maximumAspect?: number;
  /** Mean luminance 0..255 below which a photo is dark. @default 25 */
  readonly dark?: number;
  /** … above which it is over-exposed. @default 235 */
  readonly light?: number;
  /** Standard deviation of luminance below which contrast is low. @default 12 */
  readonly contrast?: number;
  /** Variance of the Laplacian at 128 pixels below which it is blurred. @default 20 */
  readonly blur?: number;
  /** Largest class / smallest class in the training split. @default 5 */
  readonly imbalance?: number;
}

/** What Jen's page says. */
export interface PageDefinition {
  readonly title: string;
  readonly intro: string;
  /** Class → what people call it. */
  readonly classes?: Readonly<Record<string, string>>;
  /** What a refused photo is told. */
  readonly refusal: string;
}

/** What a model builder gets. */
export interface ModelContext<Model> {
  /** The layers library (`@tensorflow/tfjs-layers`). */
  readonly layers: typeof layers;
  /** [height, width, 3] or [columns after encoding]. */
  readonly inputShape: readonly number[];
  /** How many numbers to output: classes, or 1 for regression. */
  readonly outputs: number;
  /** The `model` part of params.json. */
  readonly model: Model;
}

/**
 * Builds the network: input as preprocessing gives it (uint8 × scale + offset, or encoded columns), output
 * LOGITS (classification) or the value (regression): the last layer has no activation. The last layer's
 * input is the embedding that out-of-distribution distance is measured in.
 */
export type ModelBuilder<Model> = (context: ModelContext<Model>) => layers.LayersModel;

/** A project: one model, from its data to its page. */
export interface ProjectDefinition<Model extends TObject = TObject> {
  /** The folder's name in pipeline/projects. */
  readonly name: string;
  readonly task: Task;
  readonly data: DatasetDefinition;
  /** Inputs that must be refused. Images: a folder of `<what>/<file>`. Images only. */
  readonly outOfDistribution?: DatasetDefinition;
  /** Required for tables. */
  readonly table?: TableDefinition;
  /** Classes in the order of the network's outputs. Not for regression. */
  readonly classes?: readonly string[];
  readonly split: SplitDefinition;
  /** Schema of the `model` part of params.json; each property with a description. */
  readonly parameters: Model;
  /** Import it from `./model.ts`, so that only a change of that file (or its imports) retrains. */
  readonly model: ModelBuilder<Static<Model>>;
  readonly slices?: readonly SliceDefinition[];
  readonly gates: readonly GateDefinition[];
  readonly budgets: Budgets;
  readonly checks?: ImageChecks;
  readonly page: PageDefinition;
  /** Makes or fetches the data at `data.path`; `harvest` is what `--harvest` says. */
  readonly collect?: (options: CollectOptions) => Promise<void>;
}

export interface CollectOptions {
  /** The repository's folder. */
  readonly root: string;
  /** For example `2026`; undefined for the project's default. */
  readonly harvest?: string;
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Parameters that the platform reads; a project adds its own under `model`. */
export const PlatformParameters = Type.Object(
  {
    seed: Type.Integer({
      minimum: 1,
      maximum: 2 ** 31 - 1,
      description: 'all randomness of training',
    }),
    imageSize: Type.Optional(
      Type.Integer({
        minimum: 16,
        maximum: 512,
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
      description: 'whether rare classes count more in the loss',
    }),
    augmentation: Type.Object(
      {
        flip: Type.Boolean({ description: 'mirror left to right at random' }),
        shift: Type.Number({ minimum: 0, maximum: 0.5, description: 'share of the side' }),
        brightness: Type.Number({ minimum: 0, maximum: 1, description: 'factor 1 ± brightness' }),
        rotate: Type.Number({ minimum: 0, maximum: 180, description: 'degrees either way' }),
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
    thresholds: Type.Object(
      {
        acceptance: Type.Number({
          minimum: 0.5,
          maximum: 1,
          description: 'share of genuine validation inputs that must be accepted',
        }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type PlatformParameters = Static<typeof PlatformParameters>;

/** What params.json holds. */
export type Parameters = PlatformParameters & { readonly model: Readonly<Record<string, unknown>> };

/** A project with its parameters, as the commands use it. */
export interface Project {
  readonly definition: ProjectDefinition;
  readonly parameters: Parameters;
  /** The project's folder, absolute. */
  readonly folder: string;
}

/**
 * Declares a project: checks it, also what types cannot, and returns its argument.
 *
 * @throws MainstemError PROJECT_INVALID naming the place.
 */
export function defineProject<Model extends TObject>(
  definition: ProjectDefinition<Model>,
): ProjectDefinition<Model> {
  assertDefinition({ ...definition });
  return definition;
}

/** The shares that {@link SplitDefinition.fractions} defaults to. */
export const defaultFractions = [0.7, 0.15, 0.15] as const;

/** The folder that holds the projects, relative to the repository. */
export const projectsFolder = 'pipeline/projects';

/** The names of all projects, sorted. */
export async function projectNames(root: string): Promise<string[]> {
  const entries = await readdir(join(root, projectsFolder), { withFileTypes: true });
  return entries
    .filter((entry) => existsSync(join(root, projectsFolder, entry.name, 'project.ts')))
    .map((entry) => entry.name)
    .sort();
}

/** Checks that there is a project of this name. @throws MainstemError PROJECT_UNKNOWN */
export async function assertProject(root: string, name: string): Promise<void> {
  if (existsSync(join(root, projectsFolder, name, 'project.ts'))) return;
  const known = (await projectNames(root)).join(', ') || 'none';
  throw new MainstemError('PROJECT_UNKNOWN', { name, known });
}

/**
 * Loads a project and its params.json.
 *
 * @throws MainstemError PROJECT_UNKNOWN, PROJECT_INVALID, FILE_UNREADABLE, PARAMETER_INVALID, JSON_INVALID
 */
export async function loadProject(root: string, name: string): Promise<Project> {
  await assertProject(root, name);
  const folder = join(root, projectsFolder, name);
  const definition = await importDefinition(folder, name);
  const path = join(projectsFolder, name, 'params.json');
  const text = await readFile(join(root, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new MainstemError('FILE_UNREADABLE', { path, reason: cause.code }, { cause });
  });
  return { definition, parameters: checkParameters(text, definition, path), folder };
}

async function importDefinition(folder: string, name: string): Promise<ProjectDefinition> {
  const path = join(folder, 'project.ts');
  const module: { default?: ProjectDefinition } = await import(pathToFileURL(path).href).catch(
    (cause: unknown) => {
      if (isMainstemError(cause)) throw cause;
      const where = `${projectsFolder}/${name}/project.ts`;
      const reason = `cannot be loaded: ${firstLine(cause)}`;
      throw new MainstemError('PROJECT_INVALID', { name, where, reason }, { cause });
    },
  );
  const definition = module.default;
  if (!definition || definition.name !== name) {
    const reason = `must be defineProject({ name: '${name}', … })`;
    throw new MainstemError('PROJECT_INVALID', { name, where: 'the default export', reason });
  }
  return defineProject(definition);
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n', 1)[0] ?? '';
}

/**
 * Parses params.json for a project.
 *
 * @param path what to call the file in an error. @throws MainstemError PARAMETER_INVALID, JSON_INVALID
 */
export function checkParameters(
  text: string,
  definition: ProjectDefinition,
  path: string,
): Parameters {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MainstemError('JSON_INVALID', { path, reason: (cause as Error).message }, { cause });
  }
  const schema = Type.Object(
    {
      ...PlatformParameters.properties,
      model: Type.Object(definition.parameters.properties, { additionalProperties: false }),
    },
    { additionalProperties: false },
  );
  const fault = findSchemaFault(schema, value);
  if (fault) throw new MainstemError('PARAMETER_INVALID', { path, ...fault });
  const parameters = value as Parameters;
  if (definition.task === 'image-classification' && parameters.imageSize === undefined) {
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
