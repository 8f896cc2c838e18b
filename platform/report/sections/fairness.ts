import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import type { FairnessOf } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, ReportSection } from '../section.ts';

type Disparity = FairnessOf['disparities'][number];

/** How the groups of each attribute are treated that the project calls sensitive. */
export function fairnessSection({ analysis, project }: Report): ReportSection | null {
  const all = analysis?.fairness ?? [];
  if (all.length === 0) return null;
  const beyond = all.filter(({ disparities }) => disparities.some(isBeyondChance));
  const render = project.task === 'tabular-regression' ? renderNumber : renderPercent;
  const found =
    beyond.length > 0
      ? `differences beyond chance by ${beyond.map(({ attribute }) => attribute).join(', ')}`
      : 'no difference beyond chance';
  return {
    title: `Fairness: ${found}`,
    folded: true,
    blocks: [...all.flatMap((one) => blocksOf(one, render)), { kind: 'text', text: note }],
  };
}

const note =
  'Each figure is the largest difference between two groups, over all classes. The largest of several differences is above 0 ' +
  'by chance alone: "by chance" is what random groups of the same sizes stay below 19 of 20 times. docs/reports.md defines them.';

function isBeyondChance({ value, chance }: Disparity): boolean {
  return value > chance;
}

function blocksOf(
  { attribute, groups, small, disparities }: FairnessOf,
  render: (value: number) => string,
): Block[] {
  const named = groups.map(({ value, count }) => `${value} (${count})`).join(', ');
  const left = small.length > 0 ? ` Too few to compare: ${small.join(', ')}.` : '';
  const text = `By ${attribute}: ${named || 'no group has enough examples'}.${left}`;
  const rows = disparities.map((one) => [
    one.name,
    { text: render(one.value), tone: isBeyondChance(one) ? ('bad' as const) : ('plain' as const) },
    render(one.chance),
  ]);
  const head = ['figure', 'difference', 'by chance at most'];
  const table: Block = { kind: 'table', head, rows, numeric: [1, 2] };
  return [{ kind: 'text', text }, ...(rows.length > 0 ? [table] : [])];
}
