import type { Objectives } from '../define-objectives.ts';
import type { RecordingRule } from '../promql.ts';
import { driftRules } from './drift.ts';
import { featureRules } from './features.ts';
import { inputRules } from './inputs.ts';
import { modelRules } from './model.ts';
import { serviceRules } from './service.ts';
import { trialRules } from './trials.ts';

/** A file of rules as Prometheus reads it. */
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly object[] }[];
}

/** Builds the recording rules. In a group a rule sees what the ones before it have just recorded. */
export function buildRules(objectives: Objectives): RuleFile {
  const model = [
    ...modelRules(objectives),
    ...driftRules(objectives),
    ...inputRules(objectives),
    ...trialRules(objectives),
    ...featureRules(objectives),
  ];
  return {
    groups: [
      { name: 'mainstem-service', rules: serviceRules(objectives).map(render) },
      { name: 'mainstem-model', rules: model.map(render) },
    ],
  };
}

function render({ record, expression }: RecordingRule): object {
  return { record: record.name, expr: expression };
}
