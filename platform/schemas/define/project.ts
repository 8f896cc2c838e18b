import { type Static, type TObject, Type } from 'typebox';
import { Default } from 'typebox/value';
import { dictionary } from '../../lib/dictionary.ts';
import { MainstemError } from '../../lib/errors.ts';
import { findSchemaFault } from '../../lib/schema-fault.ts';
import { Budgets, Gate } from '../../quality/index.ts';
import { LabelScale, Task } from '../atoms.ts';
import { BackboneOrigin } from '../backbone-origin.ts';
import { Prices } from '../cost.ts';
import { defaulted, type Resolved, type Written } from '../defaulted.ts';
import { CheckThresholds, MissingShare } from './checks.ts';
import { Features } from './features.ts';
import { findProjectMistake } from './find-project-mistake.ts';
import type { ModelBuilder } from './model-builder.ts';
import { TreesModel } from './trees.ts';

const closed = { additionalProperties: false };
const Share = Type.Number({ minimum: 0, maximum: 1 });

/** Where a dataset is and what it is. */
const DatasetDefinition = Type.Object(
  {
    /** Key in `data.lock.json`, for example `pumpkins`. */
    name: Type.String(),
    /**
     * Images: a folder of `<anything>/<class>/<file>`, with an optional `metadata.csv` (column `file`, then
     * any columns for slices and groups). Table: one CSV file with a header. Relative to the repository.
     */
    path: Type.String(),
    /** Where it comes from, in words or as an address. */
    source: Type.String(),
    /** SPDX identifier or words. */
    licence: Type.String(),
  },
  closed,
);
export type DatasetDefinition = Resolved<typeof DatasetDefinition>;

const Channels = Type.Tuple([Type.Number(), Type.Number(), Type.Number()]);
const Deviation = Type.Number({ exclusiveMinimum: 0 });

/** What a backbone takes for a pixel from 0 to 255: (pixel − mean) / deviation, for red, green and blue. */
const BackbonePixels = Type.Object(
  { mean: Channels, deviation: Type.Tuple([Deviation, Deviation, Deviation]) },
  closed,
);
export type BackbonePixels = Resolved<typeof BackbonePixels>;

/** A network that others have trained on many pictures; the project's own layers read its features. */
const BackboneDefinition = Type.Object(
  {
    ...DatasetDefinition.properties,
    /** The tensor with the features; without it, what the last Gemm or MatMul of the file reads. */
    features: Type.Optional(Type.String()),
    pixels: BackbonePixels,
    /** The promoted model that it is, as `backbone add` writes it; the file says so too. */
    origin: Type.Optional(BackboneOrigin),
  },
  closed,
);
export type BackboneDefinition = Resolved<typeof BackboneDefinition>;

/** How a column of a table is used. */
const ColumnDefinition = Type.Object(
  {
    /**
     * A date (2026-01-31) becomes its year, month, weekday and day. A boolean is written as true or false, yes or no, y or n, t or
     * f, on or off, or 1 or 0.
     */
    kind: Type.Union([
      Type.Literal('number'),
      Type.Literal('category'),
      Type.Literal('date'),
      Type.Literal('boolean'),
    ]),
    /**
     * `robust` for numbers of which a few lie far from the others: the median and the quartiles take the place of mean and
     * deviation, and asinh draws in what lies far out.
     */
    scaling: Type.Optional(Type.Literal('robust')),
    /** Validation reports numbers outside. */
    range: Type.Optional(Type.Tuple([Type.Number(), Type.Number()])),
    /**
     * `target` for a category with many values: each becomes the mean label of its training rows, drawn towards that of all; a
     * training row that of the other rows. With more than two classes, one number per class.
     */
    encoding: Type.Optional(Type.Literal('target')),
    /** Validation reports categories outside. */
    values: Type.Optional(Type.Array(Type.String())),
    /** Highest share of missing values. */
    missing: MissingShare,
    /**
     * Gives a network a 1 beside the value where it is missing, otherwise a 0, for where that says something. Without effect on
     * trees, which tell gaps from values. Not for categories.
     */
    indicateGaps: Type.Optional(Type.Boolean()),
  },
  // TypeBox fills in the values of a record only if they have a default themselves; it is never used.
  { ...closed, default: {} },
);
export type ColumnDefinition = Resolved<typeof ColumnDefinition>;

/** Which columns of a table are used, and how. */
const TableDefinition = Type.Object(
  {
    /** The column to predict. */
    label: Type.String(),
    /**
     * `log` for a regression whose labels are above 0 and spread over magnitudes, such as prices: errors then count as shares.
     * Everything that is shown stays in the label's unit; answers are medians rather than means.
     */
    labelScale: Type.Optional(LabelScale),
    features: dictionary(ColumnDefinition),
  },
  closed,
);
export type TableDefinition = Resolved<typeof TableDefinition>;

/** Which examples train, validate and test. */
const SplitDefinition = Type.Object(
  {
    /**
     * Left out, examples are dealt by chance. `time`: the oldest rows of a table train, the newest test, so that the test asks
     * what serving will ask. Newer rows then move the borders on: what was tested may be trained on later, never the reverse.
     */
    by: Type.Optional(Type.Literal('time')),
    /** Of `by: 'time'`: the column with years, months, days or times, as 2024, 2024-05, 2024-05-31 or 2024-05-31 13:30. */
    time: Type.Optional(Type.String()),
    /** Changing it assigns all groups again; without effect on a split by time. */
    seed: Type.Integer(),
    /** Shares of train, validation and test; they sum to 1. */
    fractions: defaulted(Type.Tuple([Share, Share, Share]), [0.7, 0.15, 0.15]),
    /**
     * Metadata column; all examples with one value go to one split, with `by: 'time'` that of the newest of them. Without it each
     * example is assigned on its own.
     */
    group: Type.Optional(Type.String()),
    /**
     * Rows of a table that are equal in every column are taken for copies of one thing and share a split. `apart`: each is a thing
     * of its own, as where a few coarse columns describe many people, and is dealt by itself. Sorting the table moves none.
     */
    equalRows: Type.Optional(Type.Literal('apart')),
    /**
     * The share of all examples that only a promotion looks at: no stage, report or judge reads them, and `fractions` deal the others.
     * With `by: 'time'` they are the newest rows. Without it nothing is held back.
     */
    heldBack: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 0.5 })),
  },
  closed,
);
export type SplitDefinition = Resolved<typeof SplitDefinition>;

/** A way to cut the test split, so that an average cannot hide a weak spot. */
const SliceDefinition = Type.Object(
  {
    /** Metadata column whose values are the slices. */
    column: Type.String(),
    /** Slices with fewer examples are reported but never gate. */
    minimumCount: defaulted(Type.Integer({ minimum: 1 }), 20),
  },
  closed,
);
export type SliceDefinition = Resolved<typeof SliceDefinition>;

/** What the model's page says. */
const PageDefinition = Type.Object(
  {
    title: Type.String(),
    intro: Type.String(),
    /** Class → what people call it; a class that is not there is called by its own name. */
    classes: defaulted(dictionary(Type.String()), {}),
    /** What is said to the sender of a refused input. */
    refusal: Type.String(),
  },
  closed,
);

/** What one stage of a run may take; one that takes more is stopped with STAGE_LIMIT. */
const StageLimits = Type.Object(
  {
    /** By the clock. */
    minutes: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** All processes of the run together, in millions of bytes; known on Linux only. */
    memoryMb: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  closed,
);

const duration = Type.String({ pattern: '^[1-9][0-9]{0,4}[mhd]$', description: 'a time like 90d' });

/** When, and on what, a project is retrained without a person asking. */
const Retraining = Type.Object(
  {
    /** How far back labels of people, and the server's prediction log, are looked at: 90d. */
    window: defaulted(duration, '90d'),
    /**
     * The least share of the examples that were there before: of what people labelled the newest are taken, up to the rest. A model
     * that learns only what was sent last forgets the others.
     */
    replay: defaulted(Type.Number({ minimum: 0.1, maximum: 0.99 }), 0.5),
    /** So many things that people labelled since the model that serves was made are a reason to retrain. */
    newLabels: defaulted(Type.Integer({ minimum: 1 }), 20),
    /** Between two attempts. */
    coolDown: defaulted(duration, '24h'),
    /** Most attempts in thirty days. */
    budget: defaulted(Type.Integer({ minimum: 1 }), 8),
  },
  closed,
);
export type RetrainingPolicy = Resolved<typeof Retraining>;

const definition = {
  /** The folder's name in pipeline/projects. */
  name: Type.String(),
  task: Task,
  data: DatasetDefinition,
  /** Inputs that must be refused. Images: a folder of `<what>/<file>`. Images only. */
  outOfDistribution: Type.Optional(DatasetDefinition),
  /** A locked ONNX file whose features `model` learns from, instead of pixels. Images only. */
  backbone: Type.Optional(BackboneDefinition),
  /** Required for tables. */
  table: Type.Optional(TableDefinition),
  /** Columns of the table that are looked up by the key of an entity. Import them from `./features.ts`. Tables only. */
  features: Type.Optional(Features),
  /** Classes in the order of the network's outputs. Not for regression. */
  classes: Type.Optional(Type.Array(Type.String())),
  split: SplitDefinition,
  slices: defaulted(Type.Array(SliceDefinition), []),
  /** Columns with attributes of people (sex, age group, origin): the report compares how their groups are treated. */
  sensitive: defaulted(Type.Array(Type.String()), []),
  /** What must hold before a model may be promoted. */
  gates: Type.Array(Gate),
  budgets: Budgets,
  limits: defaulted(StageLimits, {}),
  prices: Type.Optional(Prices),
  /** What decides about a retraining that no person asked for. */
  retraining: defaulted(Retraining, {}),
  /** Thresholds of validation. */
  checks: defaulted(CheckThresholds, {}),
  page: PageDefinition,
};

/** All of a definition that is data; its functions are typed by hand. */
const Data = Type.Object(definition, closed);

const Definition = Type.Object(
  {
    ...definition,
    // Each gate is checked by its kind, which says more than a union can.
    gates: Type.Array(Type.Unknown()),
    parameters: Type.Optional(
      Type.Object({ type: Type.Literal('object'), properties: Type.Object({}) }),
    ),
    model: Type.Union([Type.Function([], Type.Unknown()), TreesModel]),
    collect: Type.Optional(Type.Function([], Type.Unknown())),
  },
  closed,
);

/** The parts of a definition that are code. */
interface Functions<Model extends TObject> {
  /** Schema of the `model` part of params.json of a network, each property with a description. Trees have their own. */
  readonly parameters?: Model;
  /**
   * What learns. A network: import its builder from `./model.ts`, so that only a change of that file (or its imports)
   * retrains. Boosted trees, for tables: `{ kind: 'trees' }`.
   */
  readonly model: ModelBuilder<Static<Model>> | TreesModel;
  /** Makes or fetches the data at `data.path`; `harvest` is what `--harvest` says. */
  readonly collect?: (options: CollectOptions) => Promise<void>;
}

/** What a project.ts says: one model, from its data to its page. Whatever has a default may be left out. */
export interface ProjectInput<Model extends TObject = TObject>
  extends Written<typeof Data>,
    Functions<Model> {}

/** A project with every default filled in. */
export interface ProjectDefinition<Model extends TObject = TObject>
  extends Resolved<typeof Data>,
    Functions<Model> {}

/** What a project's `collect` is called with. */
export interface CollectOptions {
  /** The repository's folder. */
  readonly root: string;
  /** For example `2026`; undefined for the project's default. */
  readonly harvest?: string;
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Declares a project: checks it, including what types cannot express, and fills in every default.
 *
 * @throws MainstemError PROJECT_INVALID naming the place and what is allowed there.
 * @example
 * const project = defineProject({ ...required, split: { seed: 7 } });
 * project.split.fractions; // [0.7, 0.15, 0.15]
 */
export function defineProject<Model extends TObject>(
  input: ProjectInput<Model>,
): ProjectDefinition<Model> {
  assertDefinition({ ...input });
  const { parameters, model, collect, ...data } = input;
  const filled = Default(Data, structuredClone(data)) as Resolved<typeof Data>;
  return { ...filled, model, ...(parameters && { parameters }), ...(collect && { collect }) };
}

function assertDefinition(value: Readonly<Record<string, unknown>>): void {
  const name = String(value.name);
  const fault = findSchemaFault(Definition, value);
  const found = fault
    ? { where: fault.key, reason: `is ${fault.value}, but must be ${fault.allowed}` }
    : findProjectMistake(value as Static<typeof Definition>);
  if (found) throw new MainstemError('PROJECT_INVALID', { name, ...found });
}
