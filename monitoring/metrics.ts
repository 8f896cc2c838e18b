/*
 * Every metric that Mainstem's server and bridge expose, and the only place where a metric's name is written. Dashboards
 * are built from this table; a repo test finds names written elsewhere.
 *
 * Rules (Prometheus naming): prefix `mainstem_`, base units with the unit as plural suffix, `_total` for
 * counters, bounded label values, every label set known at start is initialised to 0. Drift is counted in
 * counters with a `bin` label, not in histogram buckets: Prometheus 3 rewrites `le` values.
 *
 * What rules compute from these is named in rules/recorded.ts.
 */

import type { ProfileBins } from '../platform/schemas/index.ts';

/** One metric: what it is called, what it means, how it is cut. */
export interface MetricDefinition {
  readonly name: `mainstem_${string}`;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence for the reader of a dashboard. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds; histograms only. */
  readonly buckets?: readonly number[];
}

/** Seconds, for whole requests. 0.25 and 1 are included because objectives are stated in them. */
const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** Seconds, for one stage of inference. */
const stageSeconds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5,
] as const;
/** Seconds, for loading a network. */
const loadSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;
/** Shares, finer near 1, where a good model's confidence is. */
const shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1] as const;

/** Every metric of the server, by the key under which code refers to it. */
export const metrics = {
  modelInfo: {
    name: 'mainstem_model_info',
    type: 'gauge',
    help: 'Always 1; its labels say which model version serves, what for (production, canary, shadow), and what it was made from.',
    labels: ['model', 'version', 'role', 'task', 'record', 'onnx', 'data', 'commit'],
  },
  modelReady: {
    name: 'mainstem_model_ready',
    type: 'gauge',
    help: '1 while the model can be asked, 0 after it could not be loaded, and while the server stops.',
    labels: ['model', 'version'],
  },
  modelLoaded: {
    name: 'mainstem_model_loaded_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the model was loaded.',
    labels: ['model', 'version'],
  },
  pointerRefused: {
    name: 'mainstem_model_pointer_refused_state',
    type: 'gauge',
    help: '1 while the pointer names a version that the server cannot load, so that the one from before answers, or none; 0 otherwise.',
    labels: ['model'],
  },
  modelSwitches: {
    name: 'mainstem_model_switches_total',
    type: 'counter',
    help: 'Versions that took over from another one without a restart, and versions that were refused.',
    labels: ['model', 'outcome'],
  },
  followInfo: {
    name: 'mainstem_follow_info',
    type: 'gauge',
    help: 'Always 1; its labels say which commit of which branch is followed. None where files are.',
    labels: ['branch', 'commit'],
  },
  followAge: {
    name: 'mainstem_follow_age_seconds',
    type: 'gauge',
    help: 'Time since the branch that is followed was last seen, or since the server started.',
    labels: ['branch'],
  },
  followLooks: {
    name: 'mainstem_follow_looks_total',
    type: 'counter',
    help: 'Looks at the branch that is followed: what they found, or that they failed.',
    labels: ['branch', 'outcome'],
  },
  loadedModels: {
    name: 'mainstem_loaded_models',
    type: 'gauge',
    help: 'Networks that are loaded; models with the same network share it.',
    labels: [],
  },
  loadedBytes: {
    name: 'mainstem_loaded_models_bytes',
    type: 'gauge',
    help: 'What loaded networks take: measured where there is a bound, else the bytes of their files, for each thread and once more.',
    labels: [],
  },
  loadedLimit: {
    name: 'mainstem_loaded_models_limit_bytes',
    type: 'gauge',
    help: 'What loaded networks may take; 0 for no bound.',
    labels: [],
  },
  modelLoads: {
    name: 'mainstem_model_loads_total',
    type: 'counter',
    help: 'Models that were loaded while the server answered, or could not be.',
    labels: ['model', 'outcome'],
  },
  modelUnloads: {
    name: 'mainstem_model_unloads_total',
    type: 'counter',
    help: 'Models that were unloaded: to make room for others, by request, or because no pointer needs them.',
    labels: ['model'],
  },
  modelLoadDuration: {
    name: 'mainstem_model_load_duration_seconds',
    type: 'histogram',
    help: 'Time from reading the bytes of a model to its first answer on every thread.',
    labels: [],
    buckets: loadSeconds,
  },
  modelAnswers: {
    name: 'mainstem_model_answers_total',
    type: 'counter',
    help: 'Requests that a version answered, or failed to answer by its own fault.',
    labels: ['model', 'version', 'outcome'],
  },
  comparedAnswers: {
    name: 'mainstem_compared_answers_total',
    type: 'counter',
    help: 'Inputs that a canary or shadow and production both answered, by whether they agreed; `failed` by the second, or dropped under load.',
    labels: ['model', 'version', 'outcome'],
  },
  requests: {
    name: 'mainstem_http_requests_total',
    type: 'counter',
    help: 'Answered HTTP requests and calls of gRPC, these with the method and status that the same request has over HTTP.',
    labels: ['method', 'route', 'code'],
  },
  requestDuration: {
    name: 'mainstem_http_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the first byte of a request to the last byte of its response, but for those refused because the server is full.',
    labels: ['method', 'route'],
    buckets: requestSeconds,
  },
  requestsInFlight: {
    name: 'mainstem_http_requests_in_flight',
    type: 'gauge',
    help: 'Requests being answered now.',
    labels: [],
  },
  access: {
    name: 'mainstem_access_requests_total',
    type: 'counter',
    help: 'Requests by the name of their key (JWT for all tokens, empty for unknown callers), and whether they were admitted or why not.',
    labels: ['key', 'outcome'],
  },
  accessKeyExpires: {
    name: 'mainstem_access_key_expires_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which an access key expires; none for a key that does not.',
    labels: ['key'],
  },
  accessFileDamaged: {
    name: 'mainstem_access_file_damaged_state',
    type: 'gauge',
    help: '1 while the keys file cannot be read and the keys from before count; 0 otherwise.',
    labels: [],
  },
  stageDuration: {
    name: 'mainstem_inference_stage_duration_seconds',
    type: 'histogram',
    help: 'Time that a request spends in each stage of inference: decode, preprocess, infer, postprocess.',
    labels: ['model', 'version', 'stage'],
    buckets: stageSeconds,
  },
  queue: {
    name: 'mainstem_inference_queue_requests',
    type: 'gauge',
    help: 'Requests that are waiting for a worker or being computed by one.',
    labels: [],
  },
  predictions: {
    name: 'mainstem_predictions_total',
    type: 'counter',
    help: 'Predictions by most probable class, and whether the input was accepted or refused.',
    labels: ['model', 'version', 'class', 'accepted'],
  },
  confidence: {
    name: 'mainstem_prediction_confidence_ratio',
    type: 'histogram',
    help: 'Calibrated probability of the predicted class of accepted inputs; its mean estimates accuracy.',
    labels: ['model', 'version'],
    buckets: shares,
  },
  refused: {
    name: 'mainstem_refused_total',
    type: 'counter',
    help: 'Refused inputs, by reason.',
    labels: ['model', 'version', 'reason'],
  },
  inputBins: {
    name: 'mainstem_input_bin_total',
    type: 'counter',
    help: 'Inputs per bin of a property (image property, table column or score); compare with the reference.',
    labels: ['model', 'version', 'property', 'bin'],
  },
  rejected: {
    name: 'mainstem_input_rejected_total',
    type: 'counter',
    help: 'Requests that could not be read: unreadable, pixels, bytes, files, type or schema.',
    labels: ['model', 'version', 'reason'],
  },
  featureLookups: {
    name: 'mainstem_feature_lookups_total',
    type: 'counter',
    help: 'Rows whose features of a view were looked up: present, missing (no such key), expired (too old) or unavailable (no snapshot).',
    labels: ['model', 'version', 'view', 'status'],
  },
  featureSnapshot: {
    name: 'mainstem_feature_snapshot_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time up to which the snapshot that features are looked up in holds what was known; 0 while there is none.',
    labels: ['model', 'version'],
  },
  featureNewest: {
    name: 'mainstem_feature_newest_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the newest value of a view in the snapshot; 0 while there is none.',
    labels: ['model', 'version', 'view'],
  },
  featureFreshness: {
    name: 'mainstem_feature_freshness_seconds',
    type: 'gauge',
    help: 'How old the newest value of a view may be; none for a view that may be of any age.',
    labels: ['model', 'version', 'view'],
  },
  feedback: {
    name: 'mainstem_feedback_total',
    type: 'counter',
    help: 'Corrections by people: the predicted and the right class, both empty for a model of more than 30 classes.',
    labels: ['model', 'version', 'predicted', 'label', 'correct'],
  },
  sliceFeedback: {
    name: 'mainstem_feedback_slice_total',
    type: 'counter',
    help: 'Answers that people corrected or confirmed, by slice; values that are not counted by themselves are `other`.',
    labels: ['model', 'version', 'slice', 'value', 'correct'],
  },
  feedbackStored: {
    name: 'mainstem_feedback_stored_bytes',
    type: 'gauge',
    help: 'Disk space that stored feedback takes, in whole blocks.',
    labels: [],
  },
  feedbackFiles: {
    name: 'mainstem_feedback_stored_files',
    type: 'gauge',
    help: 'Files and folders that stored feedback takes.',
    labels: [],
  },
  predictionLogLines: {
    name: 'mainstem_prediction_log_lines_total',
    type: 'counter',
    help: 'Lines of the prediction log: written, or dropped because too many waited, one was too long or the disk failed.',
    labels: ['outcome'],
  },
  predictionLogStored: {
    name: 'mainstem_prediction_log_stored_bytes',
    type: 'gauge',
    help: 'Disk space that the prediction log takes, in whole blocks.',
    labels: [],
  },
  referenceBins: {
    name: 'mainstem_reference_bin_ratio',
    type: 'gauge',
    help: 'Share of the reference data in each bin of a property.',
    labels: ['model', 'version', 'property', 'bin'],
  },
  referenceClasses: {
    name: 'mainstem_reference_class_ratio',
    type: 'gauge',
    help: 'Share of each class in the reference data.',
    labels: ['model', 'version', 'class'],
  },
  referenceSamples: {
    name: 'mainstem_reference_samples',
    type: 'gauge',
    help: 'How many examples the reference shares were measured on.',
    labels: ['model', 'version'],
  },
  referenceAccuracy: {
    name: 'mainstem_reference_accuracy_ratio',
    type: 'gauge',
    help: 'Accuracy on the test split at training time.',
    labels: ['model', 'version'],
  },
  referenceSlices: {
    name: 'mainstem_reference_slice_accuracy_ratio',
    type: 'gauge',
    help: 'Accuracy on the test split in a slice.',
    labels: ['model', 'version', 'slice', 'value'],
  },
  referenceConfidence: {
    name: 'mainstem_reference_confidence_ratio',
    type: 'gauge',
    help: 'Mean calibrated probability of the predicted class on the reference data.',
    labels: ['model', 'version'],
  },
  referenceRefused: {
    name: 'mainstem_reference_refused_ratio',
    type: 'gauge',
    help: 'Share of the reference data that the model refuses.',
    labels: ['model', 'version'],
  },
} as const satisfies Record<string, MetricDefinition>;

/** Every metric of the bridge from alerts to pull requests, which also reads what main promotes. */
export const bridgeMetrics = {
  notifications: {
    name: 'mainstem_bridge_notifications_total',
    type: 'counter',
    help: 'Notifications by Alertmanager: taken, or why not.',
    labels: ['outcome'],
  },
  alerts: {
    name: 'mainstem_bridge_alerts_total',
    type: 'counter',
    help: 'Alerts in the notifications taken: what they ask for, and what became of it.',
    labels: ['action', 'outcome'],
  },
  dispatches: {
    name: 'mainstem_bridge_dispatches_total',
    type: 'counter',
    help: 'Dispatches that ended: sent to GitHub, refused by it, or given up after the last attempt.',
    labels: ['action', 'outcome'],
  },
  retries: {
    name: 'mainstem_bridge_retries_total',
    type: 'counter',
    help: 'Attempts to send a dispatch that failed and are made again.',
    labels: ['reason'],
  },
  waiting: {
    name: 'mainstem_bridge_waiting_dispatches',
    type: 'gauge',
    help: 'Dispatches that wait to be sent or are being sent.',
    labels: [],
  },
  lastSent: {
    name: 'mainstem_bridge_last_dispatch_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which GitHub took a dispatch last; 0 before the first.',
    labels: ['action'],
  },
  mainModel: {
    name: 'mainstem_main_model_info',
    type: 'gauge',
    help: 'Always 1; the models that the default branch promotes, and which version.',
    labels: ['model', 'version'],
  },
  mainChanged: {
    name: 'mainstem_main_model_changed_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the default branch last changed what it promotes, by a promotion or a rollback.',
    labels: ['model'],
  },
  mainRead: {
    name: 'mainstem_main_read_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the bridge last read what the default branch promotes; 0 before the first time.',
    labels: [],
  },
} as const satisfies Record<string, MetricDefinition>;

/** What the bridge may ask of GitHub: values of the label `action` of alerts and dispatches. */
export const bridgeActions = ['retrain', 'revert'] as const;
export type BridgeAction = (typeof bridgeActions)[number];

/** What becomes of a notification. */
export const notificationOutcomes = ['taken', 'unauthorised', 'invalid', 'busy'] as const;
export type NotificationOutcome = (typeof notificationOutcomes)[number];

/** What becomes of an alert that asks for an action; `ignored` are those that ask for none or name no project. */
export const alertOutcomes = [
  ...(['queued', 'resolved', 'answered', 'waiting', 'cooling-down', 'ignored'] as const),
] as const;
export type AlertOutcome = (typeof alertOutcomes)[number];

/** How a dispatch ends. */
export const dispatchOutcomes = ['sent', 'refused', 'failed'] as const;
export type DispatchOutcome = (typeof dispatchOutcomes)[number];

/** Why a dispatch is sent once more. */
export const retryReasons = ['network', 'server', 'limit', 'token'] as const;
export type RetryReason = (typeof retryReasons)[number];

/** The name under which Prometheus scrapes the server: its label `job`, and where the name begins with it. */
export const serverJob = 'mainstem';

/** The name under which Prometheus scrapes the bridge. */
export const bridgeJob = 'mainstem-bridge';

/** What Prometheus and Alertmanager say about themselves and their targets. */
export const watchers = {
  up: 'up',
  ruleFailures: 'prometheus_rule_evaluation_failures_total',
  notificationsDropped: 'prometheus_notifications_dropped_total',
  notificationsFailed: 'alertmanager_notifications_failed_total',
  alerts: 'ALERTS',
} as const;

/** What prom-client says of the server's process. */
export const processMetrics = {
  memory: 'process_resident_memory_bytes',
  processor: 'process_cpu_seconds_total',
  loopLag: 'nodejs_eventloop_lag_p99_seconds',
  openFiles: 'process_open_fds',
} as const;

/** The stages of inference, in order: values of the label `stage`. */
export const inferenceStages = ['decode', 'preprocess', 'infer', 'postprocess'] as const;
export type InferenceStage = (typeof inferenceStages)[number];

/** Why an input was refused: values of the label `reason` of refusals. */
export const refusalReasons = ['out-of-distribution'] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** How a version ended a request: values of the label `outcome` of its answers. */
export const answerOutcomes = ['answered', 'failed'] as const;
export type AnswerOutcome = (typeof answerOutcomes)[number];

/** What became of an input that two versions were to answer: values of the label `outcome` of comparisons. */
export const comparisonOutcomes = ['agreed', 'disagreed', 'failed', 'dropped'] as const;
export type ComparisonOutcome = (typeof comparisonOutcomes)[number];

/** What became of a version that a pointer began to name: values of the label `outcome` of switches. */
export const switchOutcomes = ['switched', 'refused'] as const;
export type SwitchOutcome = (typeof switchOutcomes)[number];

/** What became of a model that was to be loaded: values of the label `outcome` of loads. */
export const loadOutcomes = ['loaded', 'failed'] as const;
export type LoadOutcome = (typeof loadOutcomes)[number];

/** Why a request could not be read: values of the label `reason` of rejections. */
export const rejectionReasons = [
  'unreadable',
  'pixels',
  'bytes',
  'files',
  'type',
  'schema',
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

/** Values of the label `bin`, in order: a number's upper edges and `+Inf`, or the categories. */
export function binNames(bins: ProfileBins): string[] {
  const names = bins.edges.map(String);
  return bins.kind === 'number' ? [...names, '+Inf'] : names;
}

/** The property under which the mix of classes is compared with the reference, like one of the inputs. */
export const answerProperty = '(answer)';

/**
 * Refusals explain a drift that moves at most so many times as many inputs: a flood of strange ones drifts as well, and of a new kind of
 * input the model refuses some and answers the others.
 */
export const explainedByRefusals = 2;

/** Most slices of a model that are counted; a verdict is corrected for so many. */
export const mostSlices = 30;

/** Most classes of a model whose corrections are counted for each pair of them: there are as many series as pairs. */
export const mostPairedClasses = 30;

/** Value of the label `bin` for a number that is not there. */
export const missingBin = 'missing';
