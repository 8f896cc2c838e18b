/*
 * What crosses a commit, a process or the network, by owner: each a TypeBox schema with its type derived from it.
 * Only named re-exports, so that a run key follows the names that a stage imports and no others.
 */
export {
  Analysis,
  ConfusedPair,
  ErrorExample,
  FairnessOf,
  LabelSuspect,
  Nearness,
  Neighbour,
  ReliabilityBin,
  TrainingLabels,
  WeakSpot,
} from './analysis.ts';
export {
  Artefact,
  DigestSchema,
  LabelScale,
  nullable,
  type PartName,
  SplitName,
  splitNames,
  Task,
} from './atoms.ts';
export { Attainable, type AttainableClasses, type AttainableNumbers } from './attainable.ts';
export { type BackboneModel, BackboneOrigin } from './backbone-origin.ts';
export { BackendInfo, BackendName, BackendTolerance } from './backend.ts';
export { type BackendChoice, backendChoices, backendNames, gpuBackends } from './backend-names.ts';
export {
  Comparison,
  Flip,
  GateResult,
  type MetricCertainty,
  MetricComparison,
  MetricInterval,
  SharedFigures,
  SliceComparison,
  ValidationMetrics,
  Verdict,
} from './comparison.ts';
export { Prices, RunCost, Spent } from './cost.ts';
export {
  DataLock,
  type DealtExample,
  type Example,
  LockedDataset,
  type ManifestEntry,
  metadataFile,
} from './data.ts';
export { Epoch } from './epoch.ts';
export {
  DecisionThreshold,
  EvaluateOutput,
  Metric,
  OutOfDistribution,
  Prediction,
  ProfileBins,
  Proportion,
  ReferenceProfile,
  SliceResult,
} from './evaluation.ts';
export {
  HeldBack,
  HeldBackComparison,
  type HeldBackFigures,
  HeldBackLook,
} from './held-back.ts';
export { FeedbackLine, LoggedPrediction, noBin, otherLabel, Row } from './logged-prediction.ts';
export { ModelPointer, ModelRecord, Traffic } from './model.ts';
export { mostSeeds } from './most-seeds.ts';
export { PackageOutput } from './package.ts';
export { mostSliceValues, PreparedIndex, PreparedRow, PrepareOutput } from './prepare.ts';
export {
  ImagePreprocessing,
  Preprocessing,
  TableColumn,
  TablePreprocessing,
} from './preprocessing.ts';
export { Growth, Ranking, WithoutColumns } from './ranking.ts';
export { ColumnDrift, DataReview, NearDuplicates, NearPair, ReviewedExample } from './review.ts';
export { MetricSpread, SeedDifference, SeedNoise, SeedSpread } from './seeds.ts';
export { sourceName, sourcePaths } from './source-files.ts';
export { StageInputs, StageRecord } from './stage.ts';
export { type StageName, stageNames } from './stage-names.ts';
export { type StageOutputs, stages } from './stages.ts';
export {
  FootprintOutput,
  PartOutput,
  SweepEnd,
  SweepShare,
  SweepState,
  SweepTrial,
  ValidationOutput,
} from './sweep.ts';
export { TrainOutput } from './training.ts';
export { Finding, ValidateOutput } from './validation.ts';
export type { BlobStore, CheckedStore, Workspace } from './workspace.ts';
