import type { Objectives } from '../define-objectives.ts';
import { states } from '../promql.ts';
import { recorded } from '../rules/recorded.ts';
import type { Alert } from './alert.ts';

const model = 'Model {{ $labels.model }} {{ $labels.version }}';

/** Alerts on what the model answers. The value of each is what was measured, not the state. */
export function modelAlerts({ window, feedbackWindow }: Objectives): Alert[] {
  const { wrongLow, qualityState, confidence, confidenceState, refusedShare, refusedState } =
    recorded;
  return [
    {
      ...{ name: 'MainstemQualityDrop', severity: 'warning', action: 'retrain' },
      expression: `${wrongLow.name} and ${qualityState.name} == ${states.bad}`,
      summary: 'People correct more answers than the model got wrong on its test split.',
      description: `${model}: people proved at least {{ $value | humanizePercentage }} of the answers of ${feedbackWindow} wrong.`,
    },
    {
      ...{ name: 'MainstemPromotionWorse', severity: 'warning', action: 'revert' },
      expression: `${wrongLow.name} and ${qualityState.name} == ${states.bad} ${promotedWithin(feedbackWindow)}`,
      summary: 'People prove a newly promoted version wrong more often than its test split did.',
      description: `${model}, promoted within ${feedbackWindow}: people proved at least {{ $value | humanizePercentage }} of its answers wrong.`,
    },
    {
      ...{ name: 'MainstemSliceWorse', severity: 'warning', for: '10m' },
      expression: `${recorded.sliceAccuracy.name} and ${recorded.sliceState.name} == ${states.bad}`,
      summary:
        'A model is worse for a part of its inputs than it promised, and than for the others.',
      description: `${model}, {{ $labels.slice }} {{ $labels.value }}: of the answers of ${feedbackWindow} that people judged, {{ $value | humanizePercentage }} are right.`,
    },
    {
      ...{ name: 'MainstemConfidenceDrop', severity: 'warning', action: 'retrain', for: '10m' },
      expression: `${confidence.name} and ${confidenceState.name} == ${states.bad}`,
      summary: 'The model is less sure of its answers than on its test split.',
      description: `${model}: the mean confidence, which estimates accuracy, is {{ $value | humanizePercentage }} over ${window}.`,
    },
    {
      ...{ name: 'MainstemRefusalSurge', severity: 'warning', for: '10m' },
      expression: `${refusedShare.name} and ${refusedState.name} == ${states.bad}`,
      summary: 'The model refuses far more inputs than of its reference data.',
      description: `${model} refused {{ $value | humanizePercentage }} of the inputs of ${window} as unlike its training data.`,
    },
  ];
}

/** A window ago another version served, and this one did not: undoing its promotion brings that one back. */
function promotedWithin(window: string): string {
  const before = `max by (job, model, version) (${recorded.serving.name} offset ${window})`;
  return `unless on (job, model, version) ${before} and on (job, model) ${before}`;
}
