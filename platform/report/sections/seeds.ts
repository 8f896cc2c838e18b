import { renderNumber } from '../../lib/render-number.ts';
import {
  accuracy,
  findMetric,
  logLoss,
  mae,
  metricLabel,
  primaryMetric,
  renderMetric,
  renderMetricDifference,
  renderMetricInterval,
  rmse,
} from '../../quality/index.ts';
import type { MetricSpread, SeedDifference, SeedNoise, SeedSpread } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, ReportCell, ReportSection } from '../section.ts';

const dash = '–';
/** What is shown of a seed's noise, besides what gates ask for. */
const shown: readonly string[] = [accuracy.name, logLoss.name, mae.name, rmse.name];

/** How much of a metric is the seed's doing, how much that of the test examples, and what is left of a difference. */
export function seedSection(report: Report): ReportSection | null {
  const { seeds, stated } = report;
  if (!seeds) return null;
  const whose = stated
    ? ' What other seeds reached is the pull request’s own word: only the candidate was measured here.'
    : '';
  return {
    title: titleOf(report, seeds),
    folded: false,
    blocks: [...spreadBlocks(report, seeds, whose), ...differenceBlocks(report, seeds)],
  };
}

/** A verdict that another seed might have turned round, as a sentence; nothing where there is none. */
export function renderSeedDoubt({ verdict, seeds, project }: Report): string[] {
  if (verdict !== 'better' && verdict !== 'worse') return [];
  const { name } = primaryMetric(project.task);
  const found = seeds?.comparison?.differences.find((one) => one.name === name);
  if (!found || found.low > 0 || found.high < 0) return [];
  const interval = renderMetricInterval(name, found);
  return [
    `That is said of this one model and lies within training noise: whichever seeds are drawn, the ${metricLabel(name)} ` +
      `differs by ${interval}, so the change itself is not shown to be ${verdict}.`,
  ];
}

function titleOf({ project }: Report, { candidate, champion }: SeedNoise): string {
  const spread = candidate ?? champion;
  const { name } = primaryMetric(project.task);
  const found = spread?.test.find((metric) => metric.name === name);
  if (!spread || !found) return 'Training noise';
  const whose = candidate ? '' : 'the champion’s ';
  return `Training noise: ${whose}${metricLabel(name)} ${renderSpread(found)} over ${spread.seeds.length} seeds`;
}

function renderSpread({ name, mean, deviation }: MetricSpread): string {
  return `${renderMetric(name, mean)} ± ${renderSize(name, deviation)}`;
}

/** A standard deviation: of shares in percentage points, without a sign. */
function renderSize(name: string, size: number): string {
  return findMetric(name)?.format === 'share'
    ? `${(size * 100).toFixed(1)} pp`
    : renderNumber(size);
}

function isShown({ gates }: Report, name: string): boolean {
  return shown.includes(name) || gates.some(({ of }) => of === name);
}

function spreadBlocks(
  report: Report,
  { candidate, evaluation }: SeedNoise,
  whose: string,
): Block[] {
  if (!candidate) {
    const text =
      'The candidate was trained with one seed; how much seeds change is known of the model that serves.';
    return [{ kind: 'text', text }];
  }
  const metrics = candidate.test.filter(({ name }) => isShown(report, name));
  const rows = metrics.map((metric) => {
    const held = candidate.validation.find(({ name }) => name === metric.name);
    const error = evaluation.find(({ name }) => name === metric.name)?.error;
    return [
      metricLabel(metric.name),
      held ? renderSpread(held) : dash,
      renderMetric(metric.name, metric.mean),
      `± ${renderSize(metric.name, metric.deviation)}`,
      error === undefined ? dash : `± ${renderSize(metric.name, error)}`,
    ];
  });
  const head = ['metric', 'validation: mean ± seeds', 'test: mean', 'seeds', 'test examples'];
  return [
    { kind: 'table', head, rows, numeric: [1, 2, 3, 4] },
    { kind: 'text', text: explainNoise(candidate) },
    { kind: 'text', text: `${explainChoice(candidate)}${whose}` },
  ];
}

function explainNoise({ models }: SeedSpread): string {
  if (models === 1) return 'All seeds made the same model: training leaves nothing to chance here.';
  return (
    'Standard deviations: “seeds” is what another seed of the same parameters changes, “test examples” what another test ' +
    'split of this size would.'
  );
}

/** Which model is the candidate, and why it is not chosen among the seeds. */
function explainChoice({ seeds }: SeedSpread): string {
  return (
    `Trained with the seeds ${seeds.join(', ')}. The candidate is the model of ${seeds[0]}, which params.json names, never the ` +
    'luckiest: the best seed is the best on these examples by chance, and keeps less than it promises. So no single seed’s ' +
    'test figures are shown.'
  );
}

function differenceBlocks(report: Report, { comparison, candidate, champion }: SeedNoise): Block[] {
  const differences = comparison?.differences.filter(({ name }) => isShown(report, name)) ?? [];
  if (!comparison || differences.length === 0) return [];
  const rows = differences.map((one) => [
    metricLabel(one.name),
    differenceCell(one),
    renderMetricInterval(one.name, one),
    `± ${renderSize(one.name, one.training)}`,
    `± ${renderSize(one.name, one.evaluation)}`,
  ]);
  const means = comparison.of === 'means';
  const delta = means ? 'Δ of the means' : 'Δ';
  const head = ['metric', delta, '95 % interval', 'seeds', 'test examples'];
  const table = {
    kind: 'table',
    head,
    rows,
    numeric: [1, 2, 3, 4],
  } as const;
  return [
    table,
    { kind: 'text', text: renderBasis(means, candidate, champion) },
    {
      kind: 'text',
      text:
        'The interval counts both kinds of noise: if it contains 0, this change is not shown to make better or worse models, ' +
        'whatever is true of the one that would serve.',
    },
  ];
}

function differenceCell({ name, difference, low, high }: SeedDifference): ReportCell {
  const text = renderMetricDifference(name, difference);
  if (low <= 0 && high >= 0) return { text };
  const better = findMetric(name)?.better ?? 'higher';
  return { text, tone: difference > 0 === (better === 'higher') ? 'good' : 'bad' };
}

function renderBasis(means: boolean, candidate: SeedSpread | null, champion: SeedSpread | null) {
  const count = (spread: SeedSpread | null) => spread?.seeds.length ?? 1;
  const compared = means
    ? `Means over ${count(candidate)} of the candidate’s seeds and ${count(champion)} of the champion’s, on the same test examples.`
    : 'The two models on the examples that both answered; the data is not the same, so their seeds’ means are not compared.';
  const borrowed =
    candidate && champion
      ? ''
      : ' One of them was trained with one seed only: it is taken to vary as the other does.';
  return `${compared}${borrowed}`;
}
