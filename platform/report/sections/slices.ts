import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import type { Report, SliceRow } from '../report.ts';
import type { Measured, ReportSection, Table } from '../section.ts';

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
  const table: Table = { kind: 'table', head, rows, numeric, ...drawn(slices, champion !== null) };
  return { title: `Slices${renderWorst(slices)}`, folded: true, blocks: [table] };
}

/** Only as many as can be told apart. */
const mostDrawn = 40;

function drawn(slices: readonly SliceRow[], compared: boolean): Pick<Table, 'drawing'> {
  if (slices.length < 2) return {};
  const shown = slices.slice(0, mostDrawn);
  const shares = shown.some(({ candidate }) => candidate.accuracy !== null);
  return {
    drawing: {
      kind: 'intervals',
      title: shares ? 'Accuracy of each slice' : 'Mean absolute error of each slice',
      unit: shares ? 'share' : 'number',
      names: shown.map(({ slice, value, count }) => `${slice} ${value} (${count})`),
      series: [
        { name: 'candidate', points: shown.map(({ candidate }) => measured(candidate)) },
        ...(compared
          ? [{ name: 'champion', points: shown.map((row) => measured(row.champion)) }]
          : []),
      ],
    },
  };
}

function measured(quality: SliceRow['champion']): Measured | null {
  if (quality?.accuracy) {
    const { value, low, high } = quality.accuracy;
    return { value, low, high };
  }
  return quality?.error == null ? null : { value: quality.error, ...quality.errorInterval };
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
