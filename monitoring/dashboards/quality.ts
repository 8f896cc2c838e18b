import { metrics } from '../metrics.ts';
import { recorded } from '../rules/recorded.ts';
import { chosen, type PanelSpec, type Section } from './panels.ts';

const selected = '{model=~"$model"}';
const reference = ({ name }: { readonly name: string }) => `max by (model) (${name}${selected})`;

/** Which version answers; on every dashboard that is about models. */
export const whatServes: PanelSpec = {
  title: 'What serves',
  description: 'Model and version (run). A change is a deployment; git log of models/ explains it.',
  unit: 'short',
  kind: 'stat',
  runbook: 'MainstemModelVersionsDiffer',
  queries: [{ expression: chosen(recorded.serving), legend: '{{model}} {{version}}' }],
};

/** A canary or shadow beside the version in production. */
export const trialSection: Section = {
  title: 'Tried beside production',
  panels: [
    {
      title: 'On trial',
      description: 'Versions that canary.json and shadow.json name, as the servers try them.',
      unit: 'short',
      kind: 'stat',
      runbook: 'MainstemCanaryWorse',
      queries: [{ expression: chosen(recorded.trial), legend: '{{model}} {{version}}: {{role}}' }],
    },
    {
      title: 'Worse shares, at least',
      description:
        'Lower bounds of the share that failed, was refused or corrected, and upper bounds of production.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemCanaryWorse',
      queries: [
        { expression: chosen(recorded.trialLow), legend: '{{version}}: {{reason}}' },
        { expression: chosen(recorded.productionHigh), legend: 'production: {{reason}}' },
      ],
    },
    {
      title: 'Answered differently',
      description: 'Share of the inputs that both answered on which they do not agree.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemCanaryWorse',
      queries: [{ expression: chosen(recorded.disagreedShare), legend: '{{model}} {{version}}' }],
    },
    {
      title: 'Time of an answer by version',
      description: 'Mean seconds of all stages of an answer, of every version that answers.',
      unit: 's',
      kind: 'series',
      runbook: 'MainstemCanaryWorse',
      queries: [{ expression: chosen(recorded.answerSeconds), legend: '{{model}} {{version}}' }],
    },
  ],
};

/** What the model predicts, compared with its predictions on the reference data. */
export const qualitySection: Section = {
  title: 'Model',
  panels: [
    whatServes,
    {
      title: 'Classes',
      description: 'Share of each class in the accepted answers and in the reference data.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemAnswerDrift',
      queries: [
        { expression: chosen(recorded.classShare), legend: '{{class}}' },
        {
          expression: `max by (class) (${metrics.referenceClasses.name}${selected})`,
          legend: '{{class}}, reference',
        },
      ],
    },
    {
      title: 'Estimated accuracy',
      description:
        'Mean calibrated confidence of accepted predictions: the accuracy to expect without labels, as long as ' +
        'inputs resemble the training data. For comparison: the same on the test split.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemConfidenceDrop',
      queries: [
        { expression: chosen(recorded.confidence), legend: '{{model}} {{version}}' },
        { expression: reference(metrics.referenceConfidence), legend: '{{model}}, reference' },
      ],
    },
    {
      title: 'Refused',
      description: 'Share of inputs refused as out of distribution, and the expected share.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemRefusalSurge',
      queries: [
        { expression: chosen(recorded.refusedShare), legend: '{{model}} {{version}}' },
        { expression: reference(metrics.referenceRefused), legend: '{{model}}, reference' },
      ],
    },
    {
      title: 'Corrected',
      description:
        'Share of all answers that people have proved wrong at least (lower bound), and the share of errors on the ' +
        'test split.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemQualityDrop',
      queries: [
        { expression: chosen(recorded.wrongLow), legend: '{{model}} {{version}}' },
        {
          expression: `1 - ${reference(metrics.referenceAccuracy)}`,
          legend: '{{model}}, reference',
        },
      ],
    },
    {
      title: 'Accuracy in feedback',
      description:
        'Share right of the answers that people judged, with its 95 % interval. Wrong ones are judged more often: it ' +
        'is the accuracy only where right answers are confirmed as well.',
      unit: 'percentunit',
      kind: 'series',
      runbook: 'MainstemQualityDrop',
      queries: [
        { expression: chosen(recorded.judgedAccuracy), legend: '{{model}} {{version}}' },
        { expression: chosen(recorded.judgedLow), legend: '{{model}} {{version}}, low' },
        { expression: chosen(recorded.judgedHigh), legend: '{{model}} {{version}}, high' },
      ],
    },
    {
      title: 'Accuracy by slice',
      description:
        'Share right of the answers in each slice that people judged, the upper end of its interval, and what is expected: the test ' +
        'split, or all that people judged where that is lower. A slice is worse when its upper end is clearly below.',
      unit: 'percentunit',
      kind: 'series',
      width: 12,
      runbook: 'MainstemSliceWorse',
      queries: [
        { expression: chosen(recorded.sliceAccuracy), legend: '{{slice}} {{value}}' },
        { expression: chosen(recorded.sliceHigh), legend: '{{slice}} {{value}}, at most' },
        { expression: chosen(recorded.sliceExpected), legend: '{{slice}} {{value}}, expected' },
      ],
    },
    {
      title: 'Verdict by slice',
      description:
        '0: no proof that the model is worse there. 1: worse than expected. 2: people judged too few answers to say.',
      unit: 'short',
      kind: 'stat',
      width: 12,
      runbook: 'MainstemSliceWorse',
      queries: [{ expression: chosen(recorded.sliceState), legend: '{{slice}} {{value}}' }],
    },
    {
      title: 'Corrections, last day',
      description: 'What people corrected: the predicted class and the right one.',
      unit: 'short',
      kind: 'series',
      width: 12,
      runbook: 'MainstemQualityDrop',
      queries: [
        {
          expression: `sum by (predicted, label) (increase(${metrics.feedback.name}${selected}[1d]))`,
          legend: '{{predicted}} → {{label}}',
        },
      ],
    },
    {
      title: 'Unreadable inputs, last hour',
      description: 'Requests that could not be read, by reason.',
      unit: 'short',
      kind: 'series',
      width: 12,
      runbook: 'MainstemRejectedInputs',
      queries: [
        {
          expression: `sum by (reason) (increase(${metrics.rejected.name}${selected}[1h]))`,
          legend: '{{reason}}',
        },
      ],
    },
  ],
};
