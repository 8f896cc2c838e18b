import type { Objectives } from '../define-objectives.ts';
import { answerProperty, explainedByRefusals } from '../metrics.ts';
import { states } from '../promql.ts';
import { recorded } from '../rules/recorded.ts';
import type { Alert } from './alert.ts';

const model = 'Model {{ $labels.model }} {{ $labels.version }}';
const property = 'property {{ $labels.property }}';

/** Alerts on what is sent: whether it looks like the reference data, is complete and can be read. */
export function inputAlerts(objectives: Objectives): Alert[] {
  const { window } = objectives;
  return [
    {
      ...{ name: 'MainstemDataDrift', severity: 'warning', action: 'retrain', for: '10m' },
      expression: `${drifted('!=')} unless ${explained}`,
      summary: 'Inputs no longer look like the reference data.',
      description: `${model}, ${property}: the stability index over ${window} is {{ $value | humanize }}, more than chance explains.`,
    },
    {
      ...{ name: 'MainstemAnswerDrift', severity: 'warning', action: 'retrain', for: '10m' },
      expression: drifted('='),
      summary: 'The mix of classes in the answers is no longer that of the reference data.',
      description: `${model}: the stability index of the answers over ${window} is {{ $value | humanize }}, more than chance explains.`,
    },
    {
      ...{ name: 'MainstemMissingFeature', severity: 'warning', for: '10m' },
      expression: missingTooOften(objectives),
      summary: 'A feature is missing more often than the objective allows.',
      description: `${model}, ${property}: missing in {{ $value | humanizePercentage }} of the inputs of ${window}.`,
    },
    {
      ...{ name: 'MainstemRejectedInputs', severity: 'warning', for: '10m' },
      expression: `${recorded.rejectedShare.name} and ${recorded.rejectedLow.name} > ${objectives.rejected}`,
      summary: 'More inputs cannot be read than the objective allows.',
      description: `${model}: {{ $value | humanizePercentage }} of the inputs of ${window} could not be read.`,
    },
  ];
}

/** Nothing is to be learnt from what is rightly refused. */
const explained =
  `${recorded.distance.name} <= on (job, model, version) group_left () ` +
  `(${explainedByRefusals} * ${recorded.refusedShare.name})`;

function drifted(which: '=' | '!='): string {
  const { stability, driftState } = recorded;
  const of = `{property${which}"${answerProperty}"}`;
  return `${stability.name}${of} and ${driftState.name} == ${states.bad}`;
}

function missingTooOften({ missing, missingIn }: Objectives): string {
  const { missingShare, missingLow } = recorded;
  const named = Object.entries(missingIn);
  const others = named.map(([name]) => `property!=${JSON.stringify(name)}`).join(', ');
  const limits = [
    `${missingLow.name}{${others}} > ${missing}`,
    ...named.map(
      ([name, most]) => `${missingLow.name}{property=${JSON.stringify(name)}} > ${most}`,
    ),
  ];
  return `${missingShare.name} and (${limits.join(' or ')})`;
}
