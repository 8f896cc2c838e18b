/* Boosted trees: a kind of model for tables beside networks. No stage of a network imports it. */
export type { TreeRows } from './bin-table.ts';
export {
  type Boosted,
  type BoostParameters,
  type BoostProgress,
  type BoostRequest,
  boost,
  type Round,
} from './boost.ts';
export { memberWords } from './find-split.ts';
export { mostBins, type TreeColumn } from './fit-bins.ts';
export type { Forest } from './forest.ts';
export { predictTrees, type TreePredictions } from './predict-trees.ts';
export { loadTrees, type SavedTrees, saveTrees } from './save-trees.ts';
export {
  columnsOf,
  importanceOf,
  logitFactors,
  numberColumns,
  readTreeRows,
  type Trees,
} from './trees.ts';
