/*
 * What the server needs of monitoring: the metric table and how bins are called. Dashboards and rules are
 * entered by their own files, so that a server never loads what builds them.
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
