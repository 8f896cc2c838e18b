/* What a project is: its definition, its parameters, and how both are found and read. */
export { CheckThresholds, defaultMissingShare, defaultThresholds } from './checks.ts';
export {
  defineFeatures,
  digestFeatures,
  type FeatureDefinition,
  type FeatureView,
  fieldsOf,
  keysOf,
} from './features.ts';
export {
  columnOf,
  type GatheredSource,
  gatheredFrom,
  gatheredTimes,
  timesOf,
} from './gathered-source.ts';
export { assertProject, loadProject, type Project, projectNames } from './load.ts';
export type { ModelBuilder, ModelContext } from './model-builder.ts';
export { type ModelKind, modelKind } from './model-kind.ts';
export {
  type FineTune,
  imageSizes,
  type NetworkParameters,
  type Parameters,
  PlatformParameters,
  parseParameters,
  parseRecordedParameters,
  type TunedFrom,
  tunedFrom,
} from './parameters.ts';
export {
  type BackboneDefinition,
  type BackbonePixels,
  type CollectOptions,
  type ColumnDefinition,
  type DatasetDefinition,
  defineProject,
  type ProjectDefinition,
  type ProjectInput,
  type RetrainingPolicy,
  type SliceDefinition,
  type SplitDefinition,
  type TableDefinition,
} from './project.ts';
export { findProjectNameFault } from './project-name.ts';
export { SweepDefinition, SweepMethod, SweptParameter } from './sweep.ts';
export { TreesModel, TreesParameters } from './trees.ts';
