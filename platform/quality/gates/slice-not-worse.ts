import { Type } from 'typebox';
import { accuracy } from '../metrics/accuracy.ts';
import { mae } from '../metrics/mae.ts';
import { defineGate } from './gate.ts';
import { checkSlices, judgeSlices } from './slice-limit.ts';
import { hasEnough, lossOf } from './slice-losses.ts';

/** No slice may be shown to have become worse, so that an average gain cannot hide a loss of some. */
export const sliceNotWorse = defineGate({
  name: 'slice not worse',
  sentence:
    'No slice with at least `minimumCount` shared test examples (of errors at least 60) is shown to be worse than the champion by more than the margin: by the paired t-test (of errors also by Hall’s for skewed ones), one-sided, at 5 % over all slices together (Holm); the first model passes, one that cannot be compared fails.',
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
    const enough = comparison.slices.filter((slice) => hasEnough(slice, facts.slices));
    const judged = enough.map((slice) => lossOf(slice, notWorseBy));
    const label = `loss of ${slices === mae.name ? mae.label : accuracy.label}`;
    return { ...judgeSlices(judged, { label, limit: notWorseBy, bad: 'above' }), gate };
  },
});
