import { Type } from 'typebox';
import type { SliceResult } from '../../schemas/index.ts';
import { mae } from '../metrics/mae.ts';
import { studentTail } from '../statistics/student-t.ts';
import { defineGate } from './gate.ts';
import { checkSlices, judgeSlices, slicesToJudge } from './slice-limit.ts';

/** No slice of a regression may have too large an error. */
export const sliceCeiling = defineGate({
  name: 'slice ceiling',
  sentence:
    'No slice with at least `minimumCount` examples is shown to have a mean absolute error above the limit: by the t-test, one-sided, at 5 % over all slices together (Holm).',
  schema: Type.Object(
    {
      slices: Type.Literal(mae.name),
      atMost: Type.Number({
        minimum: 0,
        description:
          'the mean absolute error that a slice must not be shown to exceed, in the unit of the label',
      }),
    },
    { additionalProperties: false },
  ),
  example: { slices: mae.name, atMost: 2.5 },
  check: (_, scope) => checkSlices(mae, scope),
  judge: ({ atMost }, facts) => {
    if (facts.candidate.slices.some(({ error }) => error === null)) {
      return { gate: 'slices', passed: false, message: 'there are slices without an error' };
    }
    const judged = slicesToJudge(facts).flatMap((result) => {
      const { slice, value: name, error: value, errorSpread, count } = result;
      // The error of a single example says nothing of the next.
      if (value === null || !errorSpread) return [];
      const { low, high } = errorSpread;
      const pValue = pValueOf(result, value - atMost);
      return [{ name: `${slice} ${name}`, count, value, low, high, pValue }];
    });
    return judgeSlices(judged, { label: mae.label, limit: atMost, bad: 'above' });
  },
});

/** How likely a mean error so far above the limit is. */
function pValueOf({ errorSpread, count }: SliceResult, above: number): number {
  const standardError = (errorSpread?.deviation ?? 0) / Math.sqrt(count);
  if (standardError === 0) return above > 0 ? 0 : 1;
  return studentTail(above / standardError, count - 1);
}
