import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import {
  accuracy,
  renderMetric,
  renderMetricDifference,
  renderMetricInterval,
} from '../../quality/index.ts';
import type { Report, SliceRow } from '../report.ts';
import type { Block, Measured, ReportCell, ReportSection, Table } from '../section.ts';
import { isSliceShown } from './is-slice-shown.ts';

/** Each slice of the test split, so that an average cannot hide a weak spot; against a champion on the same examples. */
export function sliceSection({ slices }: Report): ReportSection | null {
  if (slices.length === 0) return null;
  const title = `Slices${renderWorst(slices)}`;
  const compared = slices.some(({ paired }) => paired);
  return { title, folded: true, blocks: compared ? comparedBlocks(slices) : [ownTable(slices)] };
}

function ownTable(slices: readonly SliceRow[]): Table {
  const rows = slices.map((row) => [
    nameOf(row),
    String(row.count),
    renderQuality(row.candidate),
    renderInterval(row) || dash,
  ]);
  const head = ['slice', 'examples', 'candidate', '95 % interval'];
  const own = { name: 'candidate', points: shownOf(slices).map((row) => measured(row.candidate)) };
  const title = `${qualityName(slices)} of each slice`;
  const unit = hasShares(slices) ? 'share' : 'number';
  return { ...tableOf(head, rows), ...drawing(slices, { title, unit, series: [own] }) };
}

function comparedBlocks(slices: readonly SliceRow[]): Block[] {
  const head = ['slice', 'examples', 'champion', 'candidate', 'Δ', '95 % interval'];
  const rows = slices.map((row) => [nameOf(row), ...comparedCells(row)]);
  const points = shownOf(slices).map(({ paired }) =>
    paired ? { value: paired.difference, low: paired.low, high: paired.high } : null,
  );
  const title = `${qualityName(slices)} of each slice: candidate − champion`;
  const unit = hasShares(slices) ? 'points' : 'number';
  const series = [{ name: 'candidate − champion', points }];
  const table = { ...tableOf(head, rows), ...drawing(slices, { title, unit, series }) };
  const both = 'Both models on the examples of a slice that both answered, with the interval of Δ.';
  const alone = slices.some(({ paired }) => !paired)
    ? ' Without Δ: the candidate alone, on all of its examples, with its own interval.'
    : '';
  const text = `${both}${alone} What is shown to be worse over all slices together is under “What got worse”.`;
  return [table, { kind: 'text', text }];
}

function comparedCells(row: SliceRow): (ReportCell | string)[] {
  const { paired, count, candidate } = row;
  if (!paired) {
    const interval = renderInterval(row);
    const own = `${renderQuality(candidate)}${interval && ` (${interval})`}`;
    return [String(count), dash, own, dash, dash];
  }
  const { metric, examples, champion, difference } = paired;
  const tone = isSliceShown(paired) ? (isGain(paired) ? 'good' : 'bad') : 'plain';
  return [
    String(examples),
    renderMetric(metric, champion),
    renderMetric(metric, paired.candidate),
    { text: renderMetricDifference(metric, difference), tone },
    renderMetricInterval(metric, paired),
  ];
}

function isGain({ metric, difference }: NonNullable<SliceRow['paired']>): boolean {
  return difference > 0 === (metric === accuracy.name);
}

const dash = '–';

function nameOf({ slice, value }: SliceRow): ReportCell {
  return { text: `${slice} ${value}`, code: true };
}

function tableOf(head: readonly string[], rows: Table['rows']): Table {
  return { kind: 'table', head, rows, numeric: head.map((_, index) => index).slice(1) };
}

function hasShares(slices: readonly SliceRow[]): boolean {
  return slices.some(({ candidate }) => candidate.accuracy !== null);
}

function qualityName(slices: readonly SliceRow[]): string {
  return hasShares(slices) ? 'Accuracy' : 'Mean absolute error';
}

/** Only as many as can be told apart. */
const mostDrawn = 40;

function shownOf(slices: readonly SliceRow[]): readonly SliceRow[] {
  return slices.slice(0, mostDrawn);
}

type Intervals = Extract<NonNullable<Table['drawing']>, { kind: 'intervals' }>;

function drawing(
  slices: readonly SliceRow[],
  drawn: Pick<Intervals, 'title' | 'unit' | 'series'>,
): Pick<Table, 'drawing'> {
  if (slices.length < 2) return {};
  const names = shownOf(slices).map(
    ({ slice, value, count, paired }) => `${slice} ${value} (${paired?.examples ?? count})`,
  );
  return { drawing: { kind: 'intervals', names, ...drawn } };
}

function measured({ accuracy: share, error, errorInterval }: SliceRow['candidate']) {
  if (share) return { value: share.value, low: share.low, high: share.high };
  return error === null ? null : ({ value: error, ...errorInterval } satisfies Measured);
}

function renderQuality(quality: SliceRow['candidate']): string {
  if (quality.accuracy) return renderPercent(quality.accuracy.value);
  return quality.error === null ? dash : renderNumber(quality.error);
}

/** The candidate's own; '' where it has none. */
function renderInterval({ candidate }: SliceRow): string {
  const { accuracy: share, errorInterval } = candidate;
  if (share) return `${renderPercent(share.low)} … ${renderPercent(share.high)}`;
  return errorInterval
    ? `${renderNumber(errorInterval.low)} … ${renderNumber(errorInterval.high)}`
    : '';
}

/** The worst of the slices that are judged, for the smallest ones are extreme by chance. */
function renderWorst(slices: readonly SliceRow[]): string {
  const judged = slices.filter((row) => row.judged && !Number.isNaN(badness(row)));
  const [worst] = judged.sort((a, b) => badness(b) - badness(a));
  if (!worst) return '';
  const { slice, value, candidate } = worst;
  const word = candidate.accuracy ? 'lowest' : 'highest error';
  return `: ${word} ${renderQuality(candidate)} (${renderInterval(worst) || dash}), ${slice} ${value}`;
}

function badness({ candidate: { accuracy: share, error } }: SliceRow): number {
  return share ? -share.value : (error ?? Number.NaN);
}
