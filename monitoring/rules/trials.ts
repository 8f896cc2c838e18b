import { normalQuantile } from '../../platform/quality/index.ts';
import type { Objectives } from '../define-objectives.ts';
import { metrics } from '../metrics.ts';
import { maxBy, on, type RecordingRule, served, sumBy, wilsonHigh, wilsonLow } from '../promql.ts';
import { recorded } from './recorded.ts';

/** In what a version on trial may be worse than production: values of the label `reason`. */
export const trialReasons = ['failures', 'refusals', 'corrections'] as const;
export type TrialReason = (typeof trialReasons)[number];

/** What is counted for one reason: cases, and out of how many. */
interface Counted {
  readonly reason: TrialReason;
  readonly cases: (window: string) => string;
  readonly of: (window: string) => string;
}

const increase = (labels: readonly string[], selector: string) => (window: string) =>
  sumBy(labels, `increase(${selector}[${window}])`);

const counted: readonly Counted[] = [
  {
    reason: 'failures',
    cases: increase(served, `${metrics.modelAnswers.name}{outcome="failed"}`),
    of: increase(served, metrics.modelAnswers.name),
  },
  {
    reason: 'refusals',
    cases: increase(served, metrics.refused.name),
    of: increase(served, metrics.predictions.name),
  },
  {
    reason: 'corrections',
    cases: increase(served, `${metrics.feedback.name}{correct="false"}`),
    of: increase(served, metrics.predictions.name),
  },
];

/**
 * A version on trial beside the one in production, over the same hours and the same kind of requests: the lower bound of its share
 * of failures, refusals and corrections, the upper bound of production's, how often their answers differ, and how long they take.
 */
export function trialRules({ trialWindow, falseAlarms }: Objectives): RecordingRule[] {
  const z = normalQuantile(1 - falseAlarms);
  const { name } = metrics.modelInfo;
  const { trial, trialCases, trialInputs, trialLow, productionHigh } = recorded;
  const isTried = ` and ${on(served)} ${trial.name}`;
  const all = (of: (one: Counted) => string) =>
    counted.map((one) => labelled(one.reason, of(one))).join(' or ');
  const ofTrial = (of: 'cases' | 'of') => all((one) => `${one[of](trialWindow)}${isTried}`);
  const ofProduction = (of: 'cases' | 'of') =>
    all((one) =>
      sumBy(['job', 'model'], `${one[of](trialWindow)} and ${on(served)} ${recorded.serving.name}`),
    );
  return [
    { record: trial, expression: maxBy([...served, 'role'], `${name}{role=~"canary|shadow"}`) },
    { record: trialCases, expression: ofTrial('cases') },
    { record: trialInputs, expression: ofTrial('of') },
    { record: trialLow, expression: wilsonLow(trialCases.name, trialInputs.name, z) },
    {
      record: productionHigh,
      expression: wilsonHigh(`(${ofProduction('cases')})`, `(${ofProduction('of')})`, z),
    },
    ...comparisonRules(trialWindow, z),
    ...latencyRules(trialWindow),
  ];
}

function labelled(reason: TrialReason, expression: string): string {
  return `label_replace(${expression}, "reason", "${reason}", "", "")`;
}

function comparisonRules(window: string, z: number): RecordingRule[] {
  const { compared, disagreed, disagreedShare, disagreedLow } = recorded;
  const { name } = metrics.comparedAnswers;
  const of = (outcomes: string) =>
    sumBy(served, `increase(${name}{outcome=~"${outcomes}"}[${window}])`);
  return [
    { record: compared, expression: of('agreed|disagreed') },
    { record: disagreed, expression: of('disagreed') },
    { record: disagreedShare, expression: `${disagreed.name} / (${compared.name} > 0)` },
    { record: disagreedLow, expression: wilsonLow(disagreed.name, compared.name, z) },
  ];
}

/** The stages of an answer together, without the time that it waits for its turn over the network. */
function latencyRules(window: string): RecordingRule[] {
  const { name } = metrics.stageDuration;
  const part = (suffix: string, of: string) =>
    sumBy(served, `increase(${name}_${suffix}${of}[${window}])`);
  const answers = part('count', '{stage="infer"}');
  return [
    { record: recorded.answerSeconds, expression: `${part('sum', '')} / (${answers} > 0)` },
    { record: recorded.timedAnswers, expression: answers },
  ];
}
