import { markdownCode, markdownText } from '../lib/markdown.ts';
import { renderNumber, renderPercent } from '../lib/render-number.ts';
import {
  describeHeldBack,
  metricLabel,
  renderMetric,
  renderMetricRange,
} from '../quality/index.ts';
import type { LockedDataset, SliceResult } from '../schemas/index.ts';
import { type CardFacts, countIn, familyOf, intervalOf, isBackbone } from './facts.ts';

/** Our metrics by the names that the Hugging Face Hub has for them. */
const hubNames: Readonly<Record<string, string>> = {
  macroF1: 'f1',
  auroc: 'roc_auc',
  brier: 'brier_score',
  logLoss: 'log_loss',
  balancedAccuracy: 'balanced_accuracy',
  averagePrecision: 'average_precision',
};

/**
 * A model's card: YAML with the results as the Hugging Face Hub reads them (`model-index`), then the same in words. All of it
 * comes from the record, the lock and the model's answers, so equal models have equal cards.
 *
 * @see https://huggingface.co/docs/hub/model-cards
 */
export function renderModelCard(facts: CardFacts): string {
  const sections = [
    titleOf(facts),
    useOf(facts),
    qualityOf(facts),
    slicesOf(facts),
    dataOf(facts),
    trainingOf(facts),
    provenanceOf(facts),
  ];
  return `---\n${frontMatter(facts)}---\n\n${sections.filter(Boolean).join('\n\n')}\n`;
}

/** JSON is YAML, so every value is written as JSON: no text can be anything but text. */
function frontMatter({ record, data }: CardFacts): string {
  const { model, run, task, evaluation } = record;
  const [first] = data;
  const metrics = evaluation.metrics.map(({ name, value }) => ({
    ...{ type: hubNames[name] ?? name, name: metricLabel(name), value },
  }));
  const dataset = { type: first?.name ?? model, name: first?.name ?? model, split: 'test' };
  const results = [
    {
      task: { type: task, name: record.page.title },
      dataset: { ...dataset, revision: first?.digest ?? '' },
      metrics,
    },
  ];
  const lines: [string, unknown][] = [
    ['library_name', 'onnx'],
    ['pipeline_tag', task],
    ['tags', ['mainstem', familyOf(record)]],
    ['model-index', [{ name: `${model} ${run}`, results }]],
  ];
  return lines.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join('');
}

function titleOf({ record: { model, page, run } }: CardFacts): string {
  return `# ${markdownText(page.title)}\n\n${markdownCode(model)}, run ${markdownCode(run)}.`;
}

function useOf({ record: { page, classes, evaluation } }: CardFacts): string {
  const named = classes.map(
    (name) => `- ${markdownCode(name)}: ${markdownText(page.classes[name] ?? name)}`,
  );
  const refusal = evaluation.outOfDistribution?.accepted;
  const refused = refusal
    ? `Inputs unlike the training data are refused; of the test split ${renderPercent(refusal.value)} are accepted (95 % interval ${renderPercent(refusal.low)} … ${renderPercent(refusal.high)}).`
    : 'It refuses nothing: an input unlike the training data gets an answer too.';
  return [
    '## Use',
    markdownText(page.intro),
    named.join('\n'),
    refused,
    '**Not for** anything but what its training data show; they are listed below.',
  ]
    .filter(Boolean)
    .join('\n\n');
}

function qualityOf(facts: CardFacts): string {
  const { record, heldBack } = facts;
  const rows = record.evaluation.metrics.map(({ name, value, better }) => {
    const interval = intervalOf(facts, name);
    const range = interval ? renderMetricRange(name, interval) : '–';
    return `| ${markdownText(metricLabel(name))} | ${better} | ${renderMetric(name, value)} | ${range} |`;
  });
  const head = ['| metric | better | value | 95 % interval |', '| --- | --- | --: | --: |'];
  return [
    '## Quality on the test split',
    [...head, ...rows].join('\n'),
    ...(heldBack ? [`Measured once more when it was promoted. ${describeHeldBack(heldBack)}`] : []),
  ].join('\n\n');
}

function slicesOf({ record: { evaluation } }: CardFacts): string {
  if (evaluation.slices.length === 0) return '';
  const rows = evaluation.slices.map(
    (one) => `| ${markdownCode(`${one.slice} ${one.value}`)} | ${one.count} | ${sliceText(one)} |`,
  );
  const table = ['| slice | examples | quality (95 % interval) |', '| --- | --: | --- |', ...rows];
  return `## Slices\n\n${table.join('\n')}`;
}

function sliceText({ accuracy, error, errorSpread }: SliceResult): string {
  if (accuracy) {
    const { value, low, high } = accuracy;
    return `${renderPercent(value)} right (${renderPercent(low)} … ${renderPercent(high)})`;
  }
  const spread = errorSpread
    ? ` (${renderNumber(errorSpread.low)} … ${renderNumber(errorSpread.high)})`
    : '';
  return error === null ? '–' : `${renderNumber(error)} off on average${spread}`;
}

function dataOf({ data }: CardFacts): string {
  const lines = data.map((one) => {
    const { name, digest, locked } = one;
    if (locked && isBackbone(one)) return backboneLine(name, locked);
    const known = locked
      ? `${markdownText(locked.source)}; licence ${markdownText(locked.licence)}; ` +
        `${countIn(locked, 'train')} examples train, ${countIn(locked, 'validation')} validate, ${countIn(locked, 'test')} test${heldBackText(locked)}`
      : 'the lock names another version now';
    return `- ${markdownCode(name)} (${markdownCode(digest)}): ${known}.`;
  });
  return `## Data\n\n${lines.join('\n')}`;
}

function backboneLine(name: string, { digest, source, licence, origin = [] }: LockedDataset) {
  const models = origin.map(({ model, run, onnx, data }, at) => {
    const made = Object.entries(data).map(
      ([of, version]) => `${markdownCode(of)} (${markdownCode(version)})`,
    );
    return ` ${at === 0 ? 'It is' : 'That stands on'} the promoted model ${markdownCode(model)}, run ${markdownCode(run)} (${markdownCode(onnx)}), made from ${made.join(', ')}.`;
  });
  return `- ${markdownCode(name)} (${markdownCode(digest)}), the backbone: ${markdownText(source)}; licence ${markdownText(licence)}.${models.join('')}`;
}

function heldBackText(locked: LockedDataset): string {
  const held = countIn(locked, 'heldBack');
  return held > 0 ? `, ${held} are held back for promotions` : '';
}

function trainingOf({ record }: CardFacts): string {
  const { training, parameters } = record;
  const { name, deterministic, tolerance } = training.backend;
  const near = tolerance ? `, gradients within ${tolerance.gradients} of the reference` : '';
  const again = deterministic ? 'the same bits every time' : `not the same bits every time${near}`;
  const text = `A ${familyOf(record)} of ${training.weightCount} weights, trained on ${training.trainedRows} examples by ${markdownCode(name)} (${again}).${scaleText(record)}${tunedText(record)}`;
  return `## Training\n\n${text}\n\n\`\`\`json\n${JSON.stringify(parameters, null, 2).replaceAll('`', "'")}\n\`\`\``;
}

function tunedText({ training: { tuned } }: CardFacts['record']): string {
  if (!tuned) return '';
  return ` ${tuned.layers} layers of the backbone, from ${markdownCode(tuned.start)} on, were trained with the new ones after epoch ${tuned.headEpochs}.`;
}

function scaleText({ training: { labelScale } }: CardFacts['record']): string {
  if (!labelScale) return '';
  return ' It learnt the logarithm of the label; its answers, in the unit of the label, are medians, whose sum is below the sum to expect.';
}

function provenanceOf({ record }: CardFacts): string {
  const facts: [string, string][] = [
    ['run key', record.key],
    ['commit', record.commit ?? 'none'],
    ['made', record.createdAt],
    ['file that serves', record.package.onnx.digest],
  ];
  const rows = facts.map(([name, value]) => `| ${name} | ${markdownCode(value)} |`);
  const again = `Make it again with ${markdownCode(`npx mainstem reproduce ${record.run}`)}.`;
  return ['## Provenance', ['| | |', '| --- | --- |', ...rows].join('\n'), again].join('\n\n');
}
