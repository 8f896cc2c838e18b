import { type Static, type TSchema, Type } from 'typebox';
import type { Digest } from './lib/hash.ts';
import { digestPattern } from './lib/hash.ts';
import type { Reporter } from './lib/reporter.ts';

/*
 * The words that several folders share. What crosses a commit, a process or the network is a TypeBox schema
 * with the type derived from it; the rest are plain interfaces.
 */

// ── Small atoms ─────────────────────────────────────────────────────────────────────────────────────────

export const DigestSchema = Type.Unsafe<Digest>(Type.String({ pattern: digestPattern }));

/** A reference to bytes in the store. Stage outputs hold these; the engine checks that the bytes exist. */
export const Artefact = Type.Object({
  digest: DigestSchema,
  bytes: Type.Integer({ minimum: 0 }),
  mediaType: Type.String(),
});
export type Artefact = Static<typeof Artefact>;

export const Task = Type.Union([
  Type.Literal('image-classification'),
  Type.Literal('tabular-classification'),
  Type.Literal('tabular-regression'),
]);
export type Task = Static<typeof Task>;

export const SplitName = Type.Union([
  Type.Literal('train'),
  Type.Literal('validation'),
  Type.Literal('test'),
]);
export type SplitName = Static<typeof SplitName>;
export const splitNames = ['train', 'validation', 'test'] as const;

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

// ── Data ────────────────────────────────────────────────────────────────────────────────────────────────

/** One dataset in `data.lock.json`. Counts are there so that the lock's git diff tells a person what changed. */
export const LockedDataset = Type.Object({
  /** Folder (images) or file (table), relative to the repository. */
  path: Type.String(),
  kind: Type.Union([Type.Literal('images'), Type.Literal('table')]),
  /** Digest of the manifest: the sorted list of files with their digests. */
  digest: DigestSchema,
  files: Type.Integer({ minimum: 0 }),
  bytes: Type.Integer({ minimum: 0 }),
  /** Examples per split and class; a regression table has the single class `rows`. */
  splits: Type.Record(Type.String(), Type.Record(Type.String(), Type.Integer())),
  source: Type.String(),
  licence: Type.String(),
});
export type LockedDataset = Static<typeof LockedDataset>;

export const DataLock = Type.Object({
  version: Type.Literal(1),
  datasets: Type.Record(Type.String(), LockedDataset),
});
export type DataLock = Static<typeof DataLock>;

/** One file of a dataset. `path` is relative to the dataset's path, with `/`. */
export interface ManifestEntry {
  readonly path: string;
  readonly digest: Digest;
  readonly bytes: number;
}

/** One labelled thing: a photo, or a row of a table. */
export interface Example {
  /** The file's path inside the dataset, or `row-<n>` (from 1) of a table. Unique within the dataset. */
  readonly id: string;
  /** Digest of the photo's bytes, or of the row's canonical JSON. */
  readonly digest: Digest;
  readonly split: SplitName;
  /** Class name; for regression the target as text. */
  readonly label: string;
  /** What keeps views of one object in one split. */
  readonly group: string;
  /** Columns of `metadata.csv`, or the row's own columns. Missing values are ''. */
  readonly metadata: Readonly<Record<string, string>>;
}

// ── Preprocessing: one module for training and serving ──────────────────────────────────────────────────

export const ImagePreprocessing = Type.Object({
  kind: Type.Literal('image'),
  /** Pixels per side after a centre-crop to a square and a resize. */
  size: Type.Integer(),
  /** The network sees uint8 × scale + offset. */
  scale: Type.Number(),
  offset: Type.Number(),
});
export type ImagePreprocessing = Static<typeof ImagePreprocessing>;

export const TableColumn = Type.Union([
  Type.Object({
    name: Type.String(),
    kind: Type.Literal('number'),
    /** Statistics of the training split; a missing value becomes `mean`, that is 0 after scaling. */
    mean: Type.Number(),
    deviation: Type.Number(),
  }),
  Type.Object({
    name: Type.String(),
    kind: Type.Literal('category'),
    /** One-hot order; a value outside the list becomes all zeros. */
    values: Type.Array(Type.String()),
  }),
]);
export type TableColumn = Static<typeof TableColumn>;

export const TablePreprocessing = Type.Object({
  kind: Type.Literal('table'),
  columns: Type.Array(TableColumn),
});
export type TablePreprocessing = Static<typeof TablePreprocessing>;

export const Preprocessing = Type.Union([ImagePreprocessing, TablePreprocessing]);
export type Preprocessing = Static<typeof Preprocessing>;

// ── Stage outputs ───────────────────────────────────────────────────────────────────────────────────────

export const Finding = Type.Object({
  code: Type.String(),
  severity: Type.Union([Type.Literal('error'), Type.Literal('warning'), Type.Literal('info')]),
  dataset: Type.String(),
  /** One sentence for a person. */
  message: Type.String(),
  count: Type.Integer(),
  /** A few of the places: file paths, rows, columns. */
  examples: Type.Array(Type.String()),
  hint: Type.String(),
});
export type Finding = Static<typeof Finding>;

export const ValidateOutput = Type.Object({
  checked: Type.Integer(),
  findings: Type.Array(Finding),
});
export type ValidateOutput = Static<typeof ValidateOutput>;

/** A row of a prepared dataset. Rows keep the order of `id`. */
export const PreparedRow = Type.Object({
  id: Type.String(),
  digest: DigestSchema,
  split: SplitName,
  label: Type.String(),
  metadata: Type.Record(Type.String(), Type.String()),
});
export type PreparedRow = Static<typeof PreparedRow>;

/** The JSON behind `PrepareOutput.index`. */
export const PreparedIndex = Type.Object({
  version: Type.Literal(1),
  dtype: Type.Union([Type.Literal('uint8'), Type.Literal('float32')]),
  /** Of one row: [height, width, 3] or [columns after encoding]. */
  shape: Type.Array(Type.Integer()),
  classes: Type.Array(Type.String()),
  preprocessing: Preprocessing,
  /** Rows are packed one after another, little endian, `shards[i].rows` in each. */
  shards: Type.Array(Type.Object({ artefact: Artefact, rows: Type.Integer() })),
  rows: Type.Array(PreparedRow),
});
export type PreparedIndex = Static<typeof PreparedIndex>;

export const PrepareOutput = Type.Object({
  index: Artefact,
  shards: Type.Array(Artefact),
  rows: Type.Integer(),
});
export type PrepareOutput = Static<typeof PrepareOutput>;

export const BackendName = Type.Union([
  Type.Literal('tensorflow-gpu'),
  Type.Literal('tensorflow'),
  Type.Literal('webgpu'),
  Type.Literal('wasm'),
]);
export type BackendName = Static<typeof BackendName>;

export const BackendInfo = Type.Object({
  name: BackendName,
  /** Part of the run key: two backends of one class give the same bits. */
  class: Type.String(),
  /** Whether the same inputs give the same bits. */
  deterministic: Type.Boolean(),
  /** Why it was chosen. */
  reason: Type.String(),
});
export type BackendInfo = Static<typeof BackendInfo>;

export const Epoch = Type.Object({
  epoch: Type.Integer(),
  learningRate: Type.Number(),
  trainLoss: Type.Number(),
  /** Accuracy, or for regression the mean absolute error. */
  trainMetric: Type.Number(),
  validationLoss: Type.Number(),
  validationMetric: Type.Number(),
});
export type Epoch = Static<typeof Epoch>;

export const TrainOutput = Type.Object({
  /** The network as the layers library's JSON. */
  topology: Artefact,
  /** All weights, float32 little endian, in the order of `weightSpecs` inside the topology's JSON. */
  weights: Artefact,
  backend: BackendInfo,
  epochs: Type.Array(Epoch),
  bestEpoch: Type.Integer(),
  stopped: Type.Union([Type.Literal('epochs'), Type.Literal('early')]),
  weightCount: Type.Integer(),
  trainedRows: Type.Integer(),
});
export type TrainOutput = Static<typeof TrainOutput>;

/** A share with its 95 % Wilson interval. */
export const Proportion = Type.Object({
  value: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
  count: Type.Integer(),
});
export type Proportion = Static<typeof Proportion>;

export const SliceResult = Type.Object({
  slice: Type.String(),
  value: Type.String(),
  /** Accuracy; for regression null and `error` holds the mean absolute error. */
  accuracy: nullable(Proportion),
  error: nullable(Type.Number()),
  count: Type.Integer(),
});
export type SliceResult = Static<typeof SliceResult>;

/** The JSON lines behind `EvaluateOutput.predictions`, one an example of validation, test and OOD sets. */
export const Prediction = Type.Object({
  id: Type.String(),
  digest: DigestSchema,
  dataset: Type.String(),
  split: SplitName,
  label: Type.String(),
  /** Predicted class; for regression the predicted value as text. */
  predicted: Type.String(),
  /** Calibrated probability per class, in the order of classes; for regression [value]. */
  probabilities: Type.Array(Type.Number()),
  /** Higher is more like the training data. */
  score: Type.Number(),
  accepted: Type.Boolean(),
});
export type Prediction = Static<typeof Prediction>;

/** How an input is found to be unlike the training data. */
export const OutOfDistribution = Type.Object({
  method: Type.Union([Type.Literal('energy'), Type.Literal('distance')]),
  /** Inputs that score below are refused. */
  threshold: Type.Number(),
  /** Share of in-distribution validation examples that the threshold accepts. */
  acceptance: Type.Number(),
  /** On the committed out-of-distribution set's test half against the test split; null without such a set. */
  auroc: nullable(Type.Number()),
  fpr95: nullable(Type.Number()),
  /** Share of the out-of-distribution test half that is refused. */
  refused: nullable(Proportion),
  /** For `distance`: class means and the shared inverse covariance's factor over the embedding. */
  distance: nullable(
    Type.Object({
      means: Type.Array(Type.Array(Type.Number())),
      /** Rows of a lower-triangular whitening matrix W: distance² = |W (x − mean)|². */
      whitening: Type.Array(Type.Array(Type.Number())),
    }),
  ),
});
export type OutOfDistribution = Static<typeof OutOfDistribution>;

/** A metric with the direction that is better. */
export const Metric = Type.Object({
  name: Type.String(),
  value: Type.Number(),
  better: Type.Union([Type.Literal('higher'), Type.Literal('lower')]),
});
export type Metric = Static<typeof Metric>;

/** Bins of one quantity in the reference data: ratios sum to 1 with the under- and overflow bins. */
export const ProfileBins = Type.Object({
  name: Type.String(),
  kind: Type.Union([Type.Literal('number'), Type.Literal('category')]),
  /** Upper edges of a number's bins (the last is open), or the categories (the last is `other`). */
  edges: Type.Array(Type.Union([Type.Number(), Type.String()])),
  ratios: Type.Array(Type.Number()),
});
export type ProfileBins = Static<typeof ProfileBins>;

/** What live traffic is compared with: one profile for validation, serving gauges and alert rules. */
export const ReferenceProfile = Type.Object({
  version: Type.Literal(1),
  samples: Type.Integer(),
  classRatios: Type.Record(Type.String(), Type.Number()),
  /** Mean calibrated probability of the predicted class: the accuracy to expect. */
  expectedAccuracy: nullable(Type.Number()),
  accuracy: nullable(Type.Number()),
  refusedRatio: Type.Number(),
  /** Image properties (brightness, contrast, …) or a table's columns. */
  bins: Type.Array(ProfileBins),
});
export type ReferenceProfile = Static<typeof ReferenceProfile>;

export const EvaluateOutput = Type.Object({
  /** On the test split. */
  metrics: Type.Array(Metric),
  perClass: Type.Array(
    Type.Object({
      class: Type.String(),
      precision: Type.Number(),
      recall: Type.Number(),
      f1: Type.Number(),
      count: Type.Integer(),
    }),
  ),
  /** confusion[truth][predicted], in the order of classes. */
  confusion: Type.Array(Type.Array(Type.Integer())),
  slices: Type.Array(SliceResult),
  /** Logits are divided by it before softmax; fitted on validation. 1 for regression. */
  temperature: Type.Number(),
  outOfDistribution: nullable(OutOfDistribution),
  fit: Type.Object({
    verdict: Type.Union([Type.Literal('good'), Type.Literal('over'), Type.Literal('under')]),
    message: Type.String(),
  }),
  predictions: Artefact,
  profile: ReferenceProfile,
});
export type EvaluateOutput = Static<typeof EvaluateOutput>;

export const PackageOutput = Type.Object({
  onnx: Artefact,
  parity: Type.Object({
    examples: Type.Integer(),
    maxDifference: Type.Number(),
    classesDiffer: Type.Integer(),
  }),
  /** Milliseconds for one example, preprocessing excluded; measured, so not reproducible. */
  latencyMs: Type.Object({ p50: Type.Number(), p95: Type.Number() }),
});
export type PackageOutput = Static<typeof PackageOutput>;

// ── Records ─────────────────────────────────────────────────────────────────────────────────────────────

/** Everything that went into a stage. Its canonical JSON's SHA-256 is the run key. */
export const StageInputs = Type.Object({
  stage: Type.String(),
  inputs: Type.Unknown(),
  parameters: Type.Record(Type.String(), Type.Unknown()),
  /** Source file (relative to the repository) → digest of its code without comments. */
  code: Type.Record(Type.String(), DigestSchema),
  packages: Type.Record(Type.String(), Type.String()),
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
});
export type StageRecord = Static<typeof StageRecord>;

export const GateResult = Type.Object({
  gate: Type.String(),
  passed: Type.Boolean(),
  /** For example `accuracy 0.951 ≥ 0.92`. */
  message: Type.String(),
});
export type GateResult = Static<typeof GateResult>;

/** A test example that two models answer differently. */
export const Flip = Type.Object({
  id: Type.String(),
  digest: DigestSchema,
  label: Type.String(),
  /** The champion's answer and its probability; for regression the value and its absolute error. */
  before: Type.String(),
  beforeConfidence: Type.Number(),
  /** The candidate's. */
  after: Type.String(),
  afterConfidence: Type.Number(),
  change: Type.Union([Type.Literal('fixed'), Type.Literal('broken'), Type.Literal('changed')]),
});
export type Flip = Static<typeof Flip>;

export const Verdict = Type.Union([
  Type.Literal('better'),
  Type.Literal('no detectable change'),
  Type.Literal('worse'),
  Type.Literal('cannot tell'),
]);
export type Verdict = Static<typeof Verdict>;

/** Candidate against champion on the test examples that both answered. */
export const Comparison = Type.Object({
  metric: Type.Union([Type.Literal('accuracy'), Type.Literal('mae')]),
  verdict: Verdict,
  /** One sentence: why this verdict. */
  reason: Type.String(),
  /** Test examples that both models answered, and those that only one did. */
  examples: Type.Integer(),
  onlyCandidate: Type.Integer(),
  onlyChampion: Type.Integer(),
  /** The metric on the shared examples. */
  candidate: Type.Number(),
  champion: Type.Number(),
  /** Candidate − champion, with its 95 % interval. */
  difference: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
  /** Examples that became right and wrong; for regression that came closer and further. */
  fixed: Type.Integer(),
  broken: Type.Integer(),
  /** Two-sided: how likely a difference like this is if the two are equally good. */
  pValue: Type.Number(),
  /** Smaller differences could not have been seen with these examples. */
  minimumDetectable: Type.Number(),
  /** confusion[truth][predicted] of the candidate on the shared examples, and minus the champion's. */
  confusion: Type.Array(Type.Array(Type.Integer())),
  confusionDifference: Type.Array(Type.Array(Type.Integer())),
  /** How many answers differ, and the worst of them first. */
  flips: Type.Integer(),
  flipped: Type.Array(Flip),
});
export type Comparison = Static<typeof Comparison>;

/** `models/<name>/records/<run>.json`: immutable, all that is needed to verify, serve and rebuild a model. */
export const ModelRecord = Type.Object({
  version: Type.Literal(1),
  model: Type.String(),
  /** First 12 hex digits of `key`. */
  run: Type.String({ pattern: '^[0-9a-f]{12}$' }),
  /** SHA-256 over the keys of all stages. */
  key: DigestSchema,
  task: Task,
  classes: Type.Array(Type.String()),
  createdAt: Type.String(),
  /** The commit that was checked out, null outside git; `dirty` if the tree differed from it. */
  commit: nullable(Type.String()),
  dirty: Type.Boolean(),
  /** Dataset name → digest. */
  data: Type.Record(Type.String(), DigestSchema),
  parameters: Type.Record(Type.String(), Type.Unknown()),
  stages: Type.Record(Type.String(), DigestSchema),
  preprocessing: Preprocessing,
  prepared: PrepareOutput,
  /** The out-of-distribution set; absent without one. With it the record alone proves every stage's key. */
  preparedOther: Type.Optional(PrepareOutput),
  training: TrainOutput,
  evaluation: EvaluateOutput,
  package: PackageOutput,
  /** Words for people: the page's title, what each class is called, what a refusal says. */
  page: Type.Object({
    title: Type.String(),
    intro: Type.String(),
    classes: Type.Record(Type.String(), Type.String()),
    refusal: Type.String(),
  }),
});
export type ModelRecord = Static<typeof ModelRecord>;

/** `models/<name>/production.json` and `staging.json`. */
export const ModelPointer = Type.Object({
  version: Type.Literal(1),
  model: Type.String(),
  run: Type.String({ pattern: '^[0-9a-f]{12}$' }),
  /** Digest of the record's file. */
  record: DigestSchema,
  /** Digest of the ONNX file. */
  onnx: DigestSchema,
  /** Gates as they were when promoted, and against which champion. */
  gates: Type.Array(GateResult),
  champion: nullable(Type.String()),
});
export type ModelPointer = Static<typeof ModelPointer>;

// ── Work in progress ────────────────────────────────────────────────────────────────────────────────────

/** Where work happens; passed to every library function that touches disk, tells progress or can be stopped. */
export interface Workspace {
  /** The repository's folder, absolute. */
  readonly root: string;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** The machine's part of the store that stages use; `pipeline/data` implements it. */
export interface BlobStore {
  /** Stores bytes; storing them again costs one look-up. Durable when the promise resolves. */
  put(bytes: Uint8Array, mediaType?: string): Promise<Artefact>;
  /** Reads and verifies. @throws MainstemError STORE_MISSING, STORE_CORRUPT */
  get(digest: Digest): Promise<Uint8Array>;
  has(digest: Digest): Promise<boolean>;
}
