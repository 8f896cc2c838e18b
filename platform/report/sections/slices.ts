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
  return { title: `Slices${renderWorst(slices)}`, folded: true, blocks: [table] };
}

function renderQuality(quality: SliceRow['champion']): string {
  if (quality?.accuracy) return renderPercent(quality.accuracy.value);
  return quality?.error == null ? '–' : renderNumber(quality.error);
}

function renderInterval({ candidate }: SliceRow): string {
  const { accuracy, errorInterval } = candidate;
  if (accuracy) return `${renderPercent(accuracy.low)} … ${renderPercent(accuracy.high)}`;
  return errorInterval
    ? `${renderNumber(errorInterval.low)} … ${renderNumber(errorInterval.high)}`
    : '–';
}

/** The worst of the slices that are judged, for the smallest ones are extreme by chance. */
function renderWorst(slices: readonly SliceRow[]): string {
  const judged = slices.filter((row) => row.judged && !Number.isNaN(badness(row)));
  const [worst] = judged.sort((a, b) => badness(b) - badness(a));
  if (!worst) return '';
  const { slice, value, candidate } = worst;
  const word = candidate.accuracy ? 'lowest' : 'highest error';
  return `: ${word} ${renderQuality(candidate)} (${renderInterval(worst)}), ${slice} ${value}`;
}

function badness({ candidate: { accuracy, error } }: SliceRow): number {
  return accuracy ? -accuracy.value : (error ?? Number.NaN);
}
