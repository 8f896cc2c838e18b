/*
 * What the server needs from monitoring: the metric table, its instruments and the names of bins. Dashboards, rules and the
 * bridge are imported from their own files, so that a server never loads their code.
 */
export { createInstruments, type InstrumentsOf } from './instruments.ts';
export {
  binNames,
  type InferenceStage,
  inferenceStages,
  type MetricDefinition,
  metrics,
  missingBin,
  type RefusalReason,
  type RejectionReason,
  refusalReasons,
  rejectionReasons,
} from './metrics.ts';
