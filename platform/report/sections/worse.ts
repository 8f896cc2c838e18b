import { plural } from '../../lib/plural.ts';
import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import { renderPValue } from '../../lib/render-p-value.ts';
import { renderBytes } from '../../lib/text.ts';
import { accuracy, metricLabel, renderMetric, renderMetricInterval } from '../../quality/index.ts';
import type { Proportion } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { ReportCell, ReportSection } from '../section.ts';
import { isSliceShown } from './is-slice-shown.ts';

type Row = readonly (ReportCell | string)[];

const significance = 0.05;
const apart = 'the 95 % intervals do not overlap';

/** What is worse than what serves, where chance alone does not explain it; null where nothing is. */
export function worseSection(report: Report): ReportSection | null {
  const rows = worse(report);
  if (rows.length === 0) return null;
  const head = ['what', 'from → to', 'how sure'];
  return {
    title: 'What got worse',
    folded: false,
    blocks: [{ kind: 'table', head, rows, numeric: [] }],
  };
}

/** One row for each metric, class, slice and cost that is worse. */
export function worse(report: Report): Row[] {
  if (!report.champion) return [];
  return [
    ...metricRows(report),
    ...classRows(report),
    ...sliceRows(report),
    ...refusalRows(report),
    ...servingRows(report),
  ];
}

function metricRows({ metrics }: Report): Row[] {
  return metrics.flatMap(({ name, better, champion, candidate, interval, significant }) => {
    if (!significant || !interval || champion === null) return [];
    if (better === 'higher' ? interval.low > 0 : interval.high < 0) return [];
    const values = `${renderMetric(name, champion)} → ${renderMetric(name, candidate)}`;
    const sure = `95 % interval ${renderMetricInterval(name, interval)}`;
    return [[metricLabel(name), values, sure]];
  });
}

function classRows({ comparison }: Report): Row[] {
  return (comparison?.classes ?? []).flatMap(
    ({ class: name, examples, fixed, broken, pValue }, _, { length }) => {
      if (broken <= fixed || pValue >= significance) return [];
      const values = `${fixed} fixed, ${broken} broken of ${examples}`;
      const sure = `${renderPValue(pValue)}, corrected for ${length} classes`;
      return [[`class ${name}`, values, sure]];
    },
  );
}

function sliceRows({ slices }: Report): Row[] {
  const judged = slices.filter(({ paired }) => paired && paired.pValue !== null).length;
  return slices.flatMap(({ slice, value, paired }) => {
    if (!paired || paired.pValue === null || !isSliceShown(paired)) return [];
    const { metric, champion, candidate, difference, examples, pValue } = paired;
    if (difference > 0 === (metric === accuracy.name)) return [];
    const values = `${renderMetric(metric, champion)} → ${renderMetric(metric, candidate)}`;
    const interval = `95 % interval ${renderMetricInterval(metric, paired)}`;
    const corrected = `${renderPValue(pValue)}, corrected for ${plural(judged, 'slice')}`;
    return [
      [
        `slice ${slice} ${value}`,
        values,
        `${interval}, ${plural(examples, 'example')}; ${corrected}`,
      ],
    ];
  });
}

function refusalRows({ champion, candidate }: Report): Row[] {
  const [before, after] = [champion?.refusal?.refused, candidate.refusal?.refused];
  if (!before || !after || !isBelow(after, before)) return [];
  return [['out-of-distribution inputs refused', shares(before, after), apart]];
}

/** Smaller changes of size and speed are normal, and short times are mostly noise; the budgets decide in any case. */
const [moreBytes, slower, leastMs] = [1.1, 1.5, 1];

function servingRows({ champion, candidate }: Report): Row[] {
  if (!champion) return [];
  const [bytes, ms] = [
    [champion.bytes, candidate.bytes],
    [champion.latencyMs.p50, candidate.latencyMs.p50],
  ] as const;
  const isSlower = ms[1] > ms[0] * slower && ms[1] - ms[0] > leastMs;
  return [
    ...(bytes[1] > bytes[0] * moreBytes ? [grownRow('package', bytes, renderBytes)] : []),
    ...(isSlower ? [grownRow('latency p50', ms, (value) => `${renderNumber(value)} ms`)] : []),
  ];
}

function grownRow(
  name: string,
  [before, after]: readonly [before: number, after: number],
  text: (value: number) => string,
): Row {
  const grown = before > 0 ? `+${Math.round((after / before - 1) * 100)} %` : 'from nothing';
  return [name, `${text(before)} → ${text(after)}`, grown];
}

function isBelow(after: Proportion, before: Proportion): boolean {
  return after.high < before.low;
}

function shares(before: Proportion, after: Proportion): string {
  return `${renderPercent(before.value)} → ${renderPercent(after.value)}`;
}
