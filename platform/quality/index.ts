/* What quality means: the metrics, and the kinds of gates that judge by them. */

export { describeHeldBack } from './describe-held-back.ts';
export { checkGate, gateForm } from './gates/check-gate.ts';
export type { GateFacts, GateKind, GateScope, HeldBackFacts } from './gates/gate.ts';
export { Budgets, Gate, gateKinds, listedKinds } from './gates/index.ts';
export { type GateInputs, judgeGates } from './gates/judge-gates.ts';
export { judgeHeldBack } from './gates/judge-held-back.ts';
export { type SliceLoss, testSlices } from './gates/slice-losses.ts';
export { accuracy } from './metrics/accuracy.ts';
export { brier } from './metrics/brier.ts';
export { calibrationError } from './metrics/calibration-error.ts';
export { classQuality, confusionOf } from './metrics/confusion.ts';
export { findMetric, metricsFor, primaryMetric, qualityMetrics } from './metrics/index.ts';
export { logLoss } from './metrics/log-loss.ts';
export { mae } from './metrics/mae.ts';
export type {
  AnswersValue,
  MetricFacts,
  QualityMetric,
  RefusalScores,
  TestExample,
} from './metrics/metric.ts';
export {
  metricLabel,
  renderMetric,
  renderMetricDifference,
  renderMetricInterval,
  renderMetricRange,
  renderMetricWithin,
} from './metrics/render-metric.ts';
export { rmse } from './metrics/rmse.ts';
export { binomialTail } from './statistics/binomial-tail.ts';
export { classSpread, degreesOf } from './statistics/class-spread.ts';
export { fewestForMeans } from './statistics/fewest-for-means.ts';
export { holm } from './statistics/holm.ts';
export { normal975, normalQuantile, normalTailRatio } from './statistics/normal-quantile.ts';
export { normalTail } from './statistics/normal-tail.ts';
export { type Ends, scoreInterval } from './statistics/score-interval.ts';
export { hallRange, hallTransform, momentsOf } from './statistics/skewed-mean.ts';
export { stabilityBound, stabilityIndex, totalVariation } from './statistics/stability-index.ts';
export { studentQuantile } from './statistics/student-t.ts';
