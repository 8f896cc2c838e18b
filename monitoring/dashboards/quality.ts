import { metrics } from '../metrics.ts';
import type { Section } from './panels.ts';

/** Long enough for a farm's traffic: a share of three photos means nothing. */
const window = '[1h]';
const chosen = '{model=~"$model"}';
const predictions = metrics.predictions.name;
const confidence = metrics.confidence.name;

const byVersion = (expression: string) => `sum by (model, version) (${expression})`;
const answers = byVersion(`increase(${predictions}${chosen}${window})`);

/** What the model predicts, compared with its predictions on the reference data. */
export const qualitySection: Section = {
  title: 'Model',
  panels: [
    {
      title: 'What serves',
      description:
        'Model and version (run). A change is a deployment; git log of models/ explains it.',
      unit: 'short',
      kind: 'stat',
      queries: [
        {
          expression: `max by (model, version) (${metrics.modelInfo.name}${chosen})`,
          legend: '{{model}} {{version}}',
        },
      ],
    },
    {
      title: 'Classes, last hour',
      description: 'Share of each class in the predictions and in the reference data.',
      unit: 'percentunit',
      kind: 'series',
      queries: [
        {
          expression:
            `sum by (model, version, class) (increase(${predictions}${chosen}${window})) ` +
            `/ on (model, version) group_left ${answers}`,
          legend: '{{class}}',
        },
        {
          expression: `max by (class) (${metrics.referenceClasses.name}${chosen})`,
          legend: '{{class}}, reference',
        },
      ],
    },
    {
      title: 'Estimated accuracy, last hour',
      description:
        'Mean calibrated confidence of accepted predictions: the accuracy to expect without labels, as long as ' +
        'inputs resemble the training data. For comparison: the accuracy on the test split.',
      unit: 'percentunit',
      kind: 'series',
      queries: [
        {
          expression:
            `${byVersion(`increase(${confidence}_sum${chosen}${window})`)} / ` +
            byVersion(`increase(${confidence}_count${chosen}${window})`),
          legend: '{{model}} {{version}}',
        },
        {
          expression: `max by (model) (${metrics.referenceAccuracy.name}${chosen})`,
          legend: '{{model}}, reference',
        },
      ],
    },
    {
      title: 'Refused, last hour',
      description: 'Share of inputs refused as out of distribution, and the expected share.',
      unit: 'percentunit',
      kind: 'series',
      queries: [
        {
          expression: `${byVersion(`increase(${metrics.refused.name}${chosen}${window})`)} / ${answers}`,
          legend: '{{model}} {{version}}',
        },
        {
          expression: `max by (model) (${metrics.referenceRefused.name}${chosen})`,
          legend: '{{model}}, reference',
        },
      ],
    },
    {
      title: 'Corrections, last day',
      description: 'What people corrected: the predicted class and the right one.',
      unit: 'short',
      kind: 'series',
      queries: [
        {
          expression: `sum by (predicted, label) (increase(${metrics.feedback.name}${chosen}[1d]))`,
          legend: '{{predicted}} → {{label}}',
        },
      ],
    },
    {
      title: 'Unreadable inputs, last hour',
      description: 'Requests that could not be read, by reason.',
      unit: 'short',
      kind: 'series',
      queries: [
        {
          expression: `sum by (reason) (increase(${metrics.rejected.name}${chosen}${window}))`,
          legend: '{{reason}}',
        },
      ],
    },
  ],
};
