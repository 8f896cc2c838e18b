/*
 * What others need from monitoring: the metric table, its instruments, the names of bins, the slices that are counted, and the
 * objectives. Dashboards, rules and the
 * bridge are imported from their own files, so that a server never loads their code.
 */
export type { Objectives } from './define-objectives.ts';
export { createInstruments, type InstrumentsOf } from './instruments.ts';
export { loadObjectives } from './load-objectives.ts';
export {
  type AnswerOutcome,
  answerOutcomes,
  answerProperty,
  binNames,
  type ComparisonOutcome,
  comparisonOutcomes,
  explainedByRefusals,
  type InferenceStage,
  inferenceStages,
  type LoadOutcome,
  loadOutcomes,
  type MetricDefinition,
  metrics,
  missingBin,
  mostPairedClasses,
  mostSlices,
  type RefusalReason,
  type RejectionReason,
  refusalReasons,
  rejectionReasons,
  type SwitchOutcome,
  switchOutcomes,
} from './metrics.ts';
export {
  countedSlices,
  type MeasuredSlice,
  possibleSlices,
  type Slice,
  sliceNames,
  slicesOf,
} from './slices.ts';
