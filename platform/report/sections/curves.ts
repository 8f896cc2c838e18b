import { primaryMetric } from '../../quality/index.ts';
import type { Epoch } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Chart, ReportSection } from '../section.ts';

const mostPoints = 40;

/** Loss and metric over the epochs, and whether the network over- or underfits. */
export function curveSection(report: Report): ReportSection | null {
  const { epochs, fit, bestEpoch, project, stated } = report;
  const whose = stated ? ' These are the pull request’s own figures.' : '';
  const verdict = { kind: 'text', text: `${fit.message}${whose}` } as const;
  const title = `Training: ${fit.verdict} fit, best epoch ${bestEpoch} of ${epochs.length}`;
  if (epochs.length < 2) return { title, folded: true, blocks: [verdict] };
  const charts = [
    chart('loss', epochs, 'trainLoss', 'validationLoss'),
    chart(primaryMetric(project.task).label, epochs, 'trainMetric', 'validationMetric'),
  ];
  return { title, folded: true, blocks: [verdict, ...charts] };
}

function chart(
  title: string,
  epochs: readonly Epoch[],
  training: 'trainLoss' | 'trainMetric',
  validation: 'validationLoss' | 'validationMetric',
): Chart {
  const step = Math.ceil(epochs.length / mostPoints);
  const kept = epochs.filter((_, index) => index % step === 0 || index === epochs.length - 1);
  return {
    kind: 'chart',
    title,
    from: kept[0]?.epoch ?? 1,
    to: kept.at(-1)?.epoch ?? 1,
    series: [
      { name: 'training', values: kept.map((epoch) => epoch[training]) },
      { name: 'validation', values: kept.map((epoch) => epoch[validation]) },
    ],
  };
}
