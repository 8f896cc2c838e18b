import { recorded } from '../rules/recorded.ts';
import { chosen, type Section } from './panels.ts';

/** Whether inputs and answers still look like the reference data. */
export const driftSection: Section = {
  title: 'Drift',
  panels: [
    {
      title: 'Verdict',
      description:
        '0: as the reference. 1: drift. 2: too few inputs in the window to say. One for each property, and one for the ' +
        'mix of answers.',
      unit: 'short',
      kind: 'stat',
      runbook: 'MainstemDataDrift',
      queries: [{ expression: chosen(recorded.driftState), legend: '{{property}}' }],
    },
    {
      title: 'Stability index',
      description:
        'How far each property has moved from the reference. Compare with the noise for this number of inputs, ' +
        'on the right: below it there is no evidence of drift.',
      unit: 'short',
      kind: 'series',
      runbook: 'MainstemDataDrift',
      queries: [{ expression: chosen(recorded.stability), legend: '{{property}}' }],
    },
    {
      title: 'Noise of the index',
      description:
        'What the index stays below without drift, except by chance: once in a hundred verdicts on a model.',
      unit: 'short',
      kind: 'series',
      runbook: 'MainstemDataDrift',
      queries: [{ expression: chosen(recorded.noise), legend: '{{property}}' }],
    },
    {
      title: 'Live shares by bin',
      description:
        'Of the inputs in the window, the share in each bin of each property. Compare with the reference, on the right.',
      unit: 'percentunit',
      kind: 'series',
      width: 12,
      runbook: 'MainstemDataDrift',
      queries: [{ expression: chosen(recorded.liveShare), legend: '{{property}} ≤ {{bin}}' }],
    },
    {
      title: 'Reference shares by bin',
      description:
        'The same of the data that the model was measured on; it changes only with the version.',
      unit: 'percentunit',
      kind: 'series',
      width: 12,
      runbook: 'MainstemDataDrift',
      queries: [{ expression: chosen(recorded.expectedShare), legend: '{{property}} ≤ {{bin}}' }],
    },
    {
      title: 'Inputs compared',
      description: 'Inputs in the window that have this property; a verdict needs a hundred.',
      unit: 'short',
      kind: 'series',
      width: 12,
      runbook: 'MainstemDriftUnknown',
      queries: [{ expression: chosen(recorded.inputs), legend: '{{property}}' }],
    },
    {
      title: 'Missing',
      description: 'Share of inputs without this property.',
      unit: 'percentunit',
      kind: 'series',
      width: 12,
      runbook: 'MainstemMissingFeature',
      queries: [{ expression: chosen(recorded.missingShare), legend: '{{property}}' }],
    },
  ],
};
