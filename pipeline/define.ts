import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as layers from '@tensorflow/tfjs-layers';
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { Errors } from 'typebox/value';
import { MainstemError } from './lib/errors.ts';
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
 * Declares a project. Only checks what types cannot; returns its argument.
 *
 * @throws MainstemError PROJECT_INVALID naming the place.
 */
export function defineProject<Model extends TObject>(
  definition: ProjectDefinition<Model>,
): ProjectDefinition<Model> {
  const invalid = (where: string, reason: string) =>
    new MainstemError('PROJECT_INVALID', { name: definition.name, where, reason });
  if (!/^[a-z][a-z0-9-]*$/.test(definition.name)) {
    throw invalid('name', 'must be lower-case letters, digits and dashes');
  }
  const tabular = definition.task.startsWith('tabular');
  if (tabular && !definition.table)
    throw invalid('table', `is required for task ${definition.task}`);
  if (definition.task === 'tabular-regression') {
    if (definition.classes) throw invalid('classes', 'must be left out for regression');
  } else if ((definition.classes?.length ?? 0) < 2) {
    throw invalid('classes', 'must name at least two classes');
  }
  const sum = (definition.split.fractions ?? [1]).reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-9) throw invalid('split.fractions', `must sum to 1, not ${sum}`);
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

/**
 * Loads a project and its params.json.
 *
 * @throws MainstemError PROJECT_UNKNOWN, PROJECT_INVALID, PARAMETER_INVALID, JSON_INVALID
 */
export async function loadProject(root: string, name: string): Promise<Project> {
  const folder = join(root, projectsFolder, name);
  if (!existsSync(join(folder, 'project.ts'))) {
    const known = (await projectNames(root)).join(', ') || 'none';
    throw new MainstemError('PROJECT_UNKNOWN', { name, known });
  }
  const module: { default?: ProjectDefinition } = await import(
    pathToFileURL(join(folder, 'project.ts')).href
  );
  const definition = module.default;
  if (!definition || definition.name !== name) {
    const reason = `must be defineProject({ name: '${name}', … })`;
    throw new MainstemError('PROJECT_INVALID', { name, where: 'the default export', reason });
  }
  const path = join(projectsFolder, name, 'params.json');
  const text = await readFile(join(root, path), 'utf8');
  return { definition, parameters: checkParameters(text, definition, path), folder };
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
  assertParameters(schema, value, path);
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

type SchemaError = ReturnType<typeof Errors>[number];

function assertParameters(schema: TSchema, value: unknown, path: string): void {
  const errors = Errors(schema, value);
  const [first] = errors;
  if (!first) return;
  const missing =
    'requiredProperties' in first.params ? (first.params.requiredProperties[0] ?? '') : '';
  const keys = [...first.instancePath.split('/').slice(1), missing].filter(Boolean);
  const found = keys.reduce<unknown>(
    (part, key) => (part as Record<string, unknown> | undefined)?.[key],
    value,
  );
  throw new MainstemError('PARAMETER_INVALID', {
    path,
    key: keys.join('.'),
    value: found === undefined ? 'missing' : JSON.stringify(found),
    allowed: allowedText(first, errors),
  });
}

/** What would have been right, from the first error and those about the same place. */
function allowedText(first: SchemaError, errors: readonly SchemaError[]): string {
  if (first.keyword === 'boolean') return 'left out: there is no such parameter';
  if (first.keyword === 'required') return 'given';
  const choices = errors
    .filter(({ instancePath }) => instancePath === first.instancePath)
    .flatMap(({ params }) => ('allowedValue' in params ? JSON.stringify(params.allowedValue) : []));
  return choices.length > 0
    ? `one of ${choices.join(', ')}`
    : first.message.replace(/^must be /, '');
}
