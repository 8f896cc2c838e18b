import type { Task } from '../../schemas/index.ts';
import { accuracy } from './accuracy.ts';
import { auroc } from './auroc.ts';
import { averagePrecision } from './average-precision.ts';
import { balancedAccuracy } from './balanced-accuracy.ts';
import { brier } from './brier.ts';
import { calibrationError } from './calibration-error.ts';
import { logLoss } from './log-loss.ts';
import { logLossSkill } from './log-loss-skill.ts';
import { macroF1 } from './macro-f1.ts';
import { mae } from './mae.ts';
import { maeSkill } from './mae-skill.ts';
import type { QualityMetric } from './metric.ts';
import { outOfDistributionAuroc } from './out-of-distribution-auroc.ts';
import { outOfDistributionFpr95 } from './out-of-distribution-fpr95.ts';
import { r2 } from './r2.ts';
import { recallAtPrecision80 } from './recall-at-precision-80.ts';
import { recallAtPrecision95 } from './recall-at-precision-95.ts';
import { rmse } from './rmse.ts';

/** Every quality metric, in the order of reports. To add one, write its file and name it here. */
export const qualityMetrics: readonly QualityMetric[] = [
  accuracy,
  balancedAccuracy,
  macroF1,
  auroc,
  averagePrecision,
  recallAtPrecision80,
  recallAtPrecision95,
  logLoss,
  logLossSkill,
  brier,
  calibrationError,
  outOfDistributionAuroc,
  outOfDistributionFpr95,
  mae,
  rmse,
  r2,
  maeSkill,
];

/**
 * The metrics that evaluation measures for a task, the primary one first.
 *
 * @param outOfDistribution whether there is a set of inputs that must be refused
 * @example metricsFor('tabular-regression', false).map(({ name }) => name) // ['mae', 'rmse', 'r2', 'maeSkill']
 */
export function metricsFor(task: Task, outOfDistribution: boolean): QualityMetric[] {
  return qualityMetrics.filter(
    ({ tasks, needsOutOfDistribution }) =>
      tasks.includes(task) && (outOfDistribution || !needsOutOfDistribution),
  );
}

/**
 * The metric by which candidate and champion of a task are compared.
 *
 * @throws Error if the table has none for the task
 * @example primaryMetric('tabular-regression').name // 'mae'
 */
export function primaryMetric(task: Task): QualityMetric {
  const [first] = metricsFor(task, false).filter(({ primary }) => primary);
  if (!first) throw new Error(`no primary metric for ${task}`);
  return first;
}

/** The metric of this name; undefined for a name that another version of the platform wrote. */
export function findMetric(name: string): QualityMetric | undefined {
  return qualityMetrics.find((metric) => metric.name === name);
}
