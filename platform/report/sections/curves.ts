import { primaryMetric } from '../../quality/index.ts';
import type { Epoch } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Chart, ReportSection } from '../section.ts';
import { isBelowLinear } from './attainable.ts';

const mostPoints = 40;

/** Loss and metric over the epochs, or rounds of trees, and whether the model over- or underfits. */
export function curveSection(report: Report): ReportSection | null {
  const { epochs, fit, bestEpoch, project, importance, stated } = report;
  const whose = stated ? ' These are the pull request’s own figures.' : '';
  const verdict = { kind: 'text', text: `${fit.message}${whose}` } as const;
  const step = importance ? 'round' : 'epoch';
  const last = epochs.at(-1)?.epoch ?? 0;
  const less = fit.verdict === 'good' && isBelowLinear(report) ? ', less than a linear model' : '';
  const title = `Training: ${fit.verdict} fit${less}, best ${step} ${bestEpoch} of ${last}`;
  if (epochs.length < 2) return { title, folded: true, blocks: [verdict] };
  const charts = [
    chart({ title: 'loss', step }, epochs, 'trainLoss', 'validationLoss'),
    chart(
      { title: primaryMetric(project.task).label, step },
      epochs,
      'trainMetric',
      'validationMetric',
    ),
  ];
  return { title, folded: true, blocks: [verdict, ...charts] };
}

function chart(
  { title, step }: Pick<Chart, 'title' | 'step'>,
  epochs: readonly Epoch[],
  training: 'trainLoss' | 'trainMetric',
  validation: 'validationLoss' | 'validationMetric',
): Chart {
  const every = Math.ceil(epochs.length / mostPoints);
  const kept = epochs.filter((_, index) => index % every === 0 || index === epochs.length - 1);
  return {
    kind: 'chart',
    ...{ title, step },
    from: kept[0]?.epoch ?? 1,
    to: kept.at(-1)?.epoch ?? 1,
    series: [
      { name: 'training', values: kept.map((epoch) => epoch[training]) },
      { name: 'validation', values: kept.map((epoch) => epoch[validation]) },
    ],
  };
}
