/*
 * What the server needs from monitoring: the metric table and the names of bins. Dashboards and rules are imported
 * from their own files, so that a server never loads the code that builds them.
 */
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
