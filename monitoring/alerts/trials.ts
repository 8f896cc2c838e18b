import type { Objectives } from '../define-objectives.ts';
import { on } from '../promql.ts';
import { recorded } from '../rules/recorded.ts';
import type { TrialReason } from '../rules/trials.ts';
import type { Alert } from './alert.ts';

const pair = on(['job', 'model']);
const canary = ` and on (job, model, version) ${recorded.trial.name}{role="canary"}`;

/** Alerts on what is tried beside production, each with the reason as a label. What a shadow does is in dashboards: it hurts nobody. */
export function trialAlerts(objectives: Objectives): Alert[] {
  const { trialWindow } = objectives;
  return [
    {
      ...{ name: 'MainstemCanaryWorse', severity: 'warning', action: 'revert', for: '5m' },
      expression: [...worseShares(objectives), differs(objectives), slower(objectives)].join(
        ' or ',
      ),
      summary: 'A canary is worse than the version in production, over the same requests.',
      description:
        `Model {{ $labels.model }}: the canary {{ $labels.version }} is worse over ${trialWindow} by its ` +
        '{{ $labels.reason }}: {{ $value | humanize }} (seconds for latency, otherwise the least share).',
    },
  ];
}

/** By how much a share may be above production's before it counts. */
function margins({
  refusalRise,
  accuracyDrop,
  canaryFailures,
}: Objectives): Record<TrialReason, number> {
  return { failures: canaryFailures, refusals: refusalRise, corrections: accuracyDrop };
}

function worseShares(objectives: Objectives): string[] {
  const { trialLow, trialInputs, productionHigh } = recorded;
  return Object.entries(margins(objectives)).map(([reason, margin]) => {
    const of = `{reason="${reason}"}`;
    const high = `(${productionHigh.name}${of} + ${margin})`;
    const worse = `${trialLow.name}${of} > ${on(['job', 'model', 'reason'])} group_left () ${high}`;
    const enough = `${trialInputs.name}${of} >= ${objectives.fewestInputs}`;
    return `(${worse} and ${enough}${canary})`;
  });
}

/** Who asks for a disagreement alone needs no other proof: people look at the pull request. */
function differs({ canaryDisagreement, fewestInputs }: Objectives): string {
  const { disagreedLow, compared } = recorded;
  const found = `${disagreedLow.name} > ${canaryDisagreement} and ${compared.name} >= ${fewestInputs}`;
  return `label_replace(${found}${canary}, "reason", "disagreement", "", "")`;
}

/** Twice as slow, and by more than a hiccup. */
function slower({ canarySlower, fewestInputs }: Objectives): string {
  const { answerSeconds, timedAnswers, serving } = recorded;
  const production = `max by (job, model) (${answerSeconds.name} and on (job, model, version) ${serving.name})`;
  const limits = `(${production} * ${canarySlower.times} + ${canarySlower.seconds})`;
  const found = `${answerSeconds.name} > ${pair} group_left () ${limits}`;
  const enough = `${timedAnswers.name} >= ${fewestInputs}`;
  return `label_replace(${found} and ${enough}${canary}, "reason", "latency", "", "")`;
}
