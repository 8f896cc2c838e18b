import { Type } from 'typebox';
import type { SliceComparison } from '../../schemas/index.ts';
import { accuracy } from '../metrics/accuracy.ts';
import { mae } from '../metrics/mae.ts';
import { studentTail } from '../statistics/student-t.ts';
import { defineGate, type GateFacts } from './gate.ts';
import { checkSlices, type JudgedSlice, judgeSlices } from './slice-limit.ts';

/** With fewer examples a few rare large errors decide. */
const fewestErrors = 60;

/** No slice may be shown to have become worse, so that an average gain cannot hide a loss of some. */
export const sliceNotWorse = defineGate({
  name: 'slice not worse',
  sentence:
    'No slice with at least `minimumCount` shared test examples (of errors at least 60) is shown to be worse than the champion by more than the margin: by the paired t-test, one-sided, at 5 % over all slices together (Holm); the first model passes, one that cannot be compared fails.',
  schema: Type.Object(
    {
      slices: Type.Union([Type.Literal(accuracy.name), Type.Literal(mae.name)], {
        description: 'what slices are compared by: accuracy of classes, mae of numbers',
      }),
      notWorseBy: Type.Number({
        minimum: 0,
        description:
          'the loss that is still accepted: 0.05 is 5 percentage points of the accuracy, or 5 % of the champion’s mean absolute error there',
      }),
    },
    { additionalProperties: false },
  ),
  example: { slices: accuracy.name, notWorseBy: 0.05 },
  check: ({ slices }, scope) => checkSlices(slices === mae.name ? mae : accuracy, scope),
  judge: ({ slices, notWorseBy }, facts) => {
    const gate = 'slices not worse';
    const { champion, comparison, incomparable } = facts;
    if (incomparable !== null) {
      return { gate, passed: false, message: `cannot be compared: ${incomparable}` };
    }
    if (!champion) return { gate, passed: true, message: 'no champion yet' };
    if (!comparison?.slices || comparison.slices.some(({ metric }) => metric !== slices)) {
      return { gate, passed: false, message: `there are no slices compared by ${slices}` };
    }
    const enough = comparison.slices.filter((slice) => isEnough(slice, facts));
    const judged = enough.map((slice) => judgedSlice(slice, notWorseBy));
    const label = `loss of ${slices === mae.name ? mae.label : accuracy.label}`;
    return { ...judgeSlices(judged, { label, limit: notWorseBy, bad: 'above' }), gate };
  },
});

function isEnough({ slice, examples, metric }: SliceComparison, { slices }: GateFacts): boolean {
  const minimum = slices.find(({ column }) => column === slice)?.minimumCount ?? 0;
  return examples >= Math.max(minimum, metric === mae.name ? fewestErrors : 0);
}

/** The loss of a slice: in points of the accuracy, or as a share of the champion's error. */
function judgedSlice(found: SliceComparison, margin: number): JudgedSlice {
  const { slice, value: name, examples, metric, champion, difference, low, high, error } = found;
  const unit = metric === mae.name ? champion : -1;
  const scaled = (value: number) => (value === 0 ? 0 : value / unit);
  const [value, ...interval] = [difference, low, high].map(scaled);
  return {
    ...{ name: `${slice} ${name}`, count: examples, value: value ?? 0 },
    low: Math.min(...interval),
    high: Math.max(...interval),
    pValue: pValueOf((value ?? 0) - margin, scaled(error), examples),
  };
}

/** How likely a loss so far above the margin is where the true one is the margin. */
function pValueOf(above: number, error: number, examples: number): number {
  if (error === 0) return above > 0 ? 0 : 1;
  return studentTail(above / Math.abs(error), examples - 1);
}
