import { plural } from '../../lib/plural.ts';
import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import {
  accuracy,
  brier,
  calibrationError,
  metricLabel,
  renderMetric,
} from '../../quality/index.ts';
import type { Proportion } from '../../schemas/index.ts';
import type { MetricRow, ModelSummary, Report } from '../report.ts';
import type { Block, ReportSection } from '../section.ts';

type Fact = readonly [name: string, of: (model: ModelSummary) => string];

const dash = '–';
const share = (value: number | null | undefined) => (value == null ? dash : renderPercent(value));
const proportion = (of: Proportion | null | undefined) =>
  of == null
    ? dash
    : `${renderPercent(of.value)} of ${of.count} (${renderPercent(of.low)} … ${renderPercent(of.high)})`;

const calibrationFacts: readonly Fact[] = [
  [
    'calibration error of perfect probabilities by chance, on as many examples',
    ({ calibration }) =>
      calibration?.chance
        ? `${renderPercent(calibration.chance.mean)}, 19 of 20 times at most ${renderPercent(calibration.chance.high)}`
        : dash,
  ],
  ['expected accuracy (mean confidence)', (model) => share(model.expectedAccuracy)],
  ['temperature', ({ temperature }) => renderNumber(temperature)],
];

/** Of models that do not name the likeliest class. */
const decisionFact: Fact = [
  'named from a probability of',
  ({ decision }) => (decision ? `${renderPercent(decision.threshold)}, ${decision.class}` : '50 %'),
];

/** Metrics that show whether probabilities are right, beside the accuracy that they promise. */
const calibrationMetrics = [accuracy.name, calibrationError.name, brier.name];

const refusalFacts: readonly Fact[] = [
  ['method', ({ refusal }) => refusal?.method ?? dash],
  ['threshold', ({ refusal }) => (refusal ? renderNumber(refusal.threshold) : dash)],
  ['genuine inputs accepted (95 % interval)', ({ refusal }) => proportion(refusal?.accepted)],
  [
    'out-of-distribution inputs refused (95 % interval)',
    ({ refusal }) => proportion(refusal?.refused),
  ],
  ['AUROC', ({ refusal }) => share(refusal?.auroc)],
  [
    'out-of-distribution inputs that pass at 95 % acceptance',
    ({ refusal }) => share(refusal?.fpr95),
  ],
];

/** Whether the predicted probabilities are right on average. */
export function calibrationSection(report: Report): ReportSection | null {
  if (report.candidate.expectedAccuracy === null) return null;
  const metrics = calibrationMetrics.flatMap(
    (wanted) => report.metrics.find(({ name }) => name === wanted) ?? [],
  );
  const error = metrics.find(({ name }) => name === calibrationError.name);
  const title = error ? `Calibration: error ${renderMetric(error.name, error.candidate)}` : null;
  return {
    title: title ?? 'Calibration',
    folded: true,
    blocks: [
      factTable(report, [...calibrationFacts, ...decisionFacts(report)], metrics),
      ...sayOf(measuredOn(report)),
      ...reliabilityBlocks(report),
    ],
  };
}

/** How often answers are right, by how sure they are. */
function reliabilityBlocks({ analysis }: Report): Block[] {
  const bins = analysis?.reliability ?? [];
  if (bins.length === 0) return [];
  const rows = bins.map(({ from, to, confidence, right }) => [
    `${Math.round(from * 100)} … ${Math.round(to * 100)} %`,
    String(right.count),
    renderPercent(confidence),
    renderPercent(right.value),
    `${renderPercent(right.low)} … ${renderPercent(right.high)}`,
  ]);
  const points = bins.map(({ confidence, right: { value, low, high, count } }) => ({
    ...{ at: confidence, value, low, high, count },
  }));
  const title = 'Confidence of the candidate, and how often it is right';
  return [
    {
      kind: 'table',
      head: ['confidence', 'examples', 'claimed on average', 'right', '95 % interval'],
      rows,
      numeric: [1, 2, 3, 4],
      drawing: { kind: 'reliability', title, points },
    },
  ];
}

function decisionFacts({ candidate, champion }: Report): Fact[] {
  return candidate.decision || champion?.decision ? [decisionFact] : [];
}

/** How out-of-distribution inputs are refused. */
export function refusalSection(report: Report): ReportSection | null {
  const { refusal } = report.candidate;
  if (!refusal) return null;
  const { refused, accepted } = refusal;
  const found = refused
    ? `${renderPercent(refused.value)} of out-of-distribution inputs refused`
    : `${share(accepted?.value)} of genuine inputs accepted`;
  const notes = [measuredOn(report), refusedOn(report)].filter(Boolean).join(' ');
  const blocks = [factTable(report, refusalFacts), ...sayOf(notes)];
  return { title: `Refusal: ${found}`, folded: true, blocks };
}

function sayOf(text: string): Block[] {
  return text === '' ? [] : [{ kind: 'text', text }];
}

/** On which examples the two columns were measured; nothing for a first model, whose test split it is. */
function measuredOn({ champion, comparison }: Report): string {
  if (!champion) return '';
  if (comparison?.shared)
    return `Both on the ${plural(comparison.examples, 'test example')} that both answered.`;
  return 'The champion as it was measured when it was trained, on its own test split: the two columns are not about the same examples.';
}

/** The champion's answers to inputs that must be refused are not measured again. */
function refusedOn({ champion, dataChanged }: Report): string {
  if (!champion?.refusal?.refused || dataChanged.length === 0) return '';
  return 'What the champion makes of out-of-distribution inputs is from its own experiment, before the data changed.';
}

function factTable(
  { candidate, champion }: Report,
  facts: readonly Fact[],
  metrics: readonly MetricRow[] = [],
) {
  const measured = metrics.map((metric) => [
    metricLabel(metric.name),
    ...(champion
      ? [metric.champion === null ? dash : renderMetric(metric.name, metric.champion)]
      : []),
    renderMetric(metric.name, metric.candidate),
  ]);
  const rows = facts.map(([name, of]) => [
    name,
    ...(champion ? [of(champion)] : []),
    of(candidate),
  ]);
  const head = ['', ...(champion ? ['champion'] : []), 'candidate'];
  const numeric = champion ? [1, 2] : [1];
  return { kind: 'table', head, rows: [...measured, ...rows], numeric } as const;
}
