import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import type { Report, SliceRow } from '../report.ts';
import type { ReportSection } from '../section.ts';

/** Each slice of the test split beside the champion's, so that an average cannot hide a weak spot. */
export function sliceSection({ slices, champion }: Report): ReportSection | null {
  if (slices.length === 0) return null;
  const rows = slices.map((row) => [
    { text: `${row.slice} ${row.value}`, code: true },
    String(row.count),
    ...(champion ? [renderQuality(row.champion)] : []),
    renderQuality(row.candidate),
    renderInterval(row),
  ]);
  const head = [
    'slice',
    'examples',
    ...(champion ? ['champion'] : []),
    'candidate',
    '95 % interval',
  ];
  const numeric = head.map((_, index) => index).slice(1);
  const table = { kind: 'table', head, rows, numeric } as const;
  return { title: `Slices${renderLowest(slices)}`, folded: true, blocks: [table] };
}

function renderQuality(quality: SliceRow['champion']): string {
  if (quality?.accuracy) return renderPercent(quality.accuracy.value);
  return quality?.error == null ? '–' : renderNumber(quality.error);
}

function renderInterval({ candidate: { accuracy } }: SliceRow): string {
  return accuracy ? `${renderPercent(accuracy.low)} … ${renderPercent(accuracy.high)}` : '–';
}

function renderLowest(slices: readonly SliceRow[]): string {
  const judged = slices.flatMap(({ slice, value, candidate }) =>
    candidate.accuracy ? [{ slice, value, accuracy: candidate.accuracy.value }] : [],
  );
  const [lowest] = judged.sort((a, b) => a.accuracy - b.accuracy);
  return lowest
    ? `: lowest ${renderPercent(lowest.accuracy)}, ${lowest.slice} ${lowest.value}`
    : '';
}
