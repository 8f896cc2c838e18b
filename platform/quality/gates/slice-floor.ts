import { Type } from 'typebox';
import { accuracy } from '../metrics/accuracy.ts';
import { binomialTail } from '../statistics/binomial-tail.ts';
import { defineGate } from './gate.ts';
import { checkSlices, judgeSlices, slicesToJudge } from './slice-limit.ts';

/** Every slice must reach an accuracy, so that an average cannot hide a weak spot. */
export const sliceFloor = defineGate({
  name: 'slice floor',
  sentence:
    'No slice with at least `minimumCount` examples is shown to have an accuracy below the limit: by the exact binomial test, one-sided, at 5 % over all slices together (Holm).',
  schema: Type.Object(
    {
      slices: Type.Literal(accuracy.name),
      atLeast: Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'the accuracy that a slice must not be shown to miss',
      }),
    },
    { additionalProperties: false },
  ),
  example: { slices: accuracy.name, atLeast: 0.8 },
  check: (_, scope) => checkSlices(accuracy, scope),
  judge: ({ atLeast }, facts) => {
    if (facts.candidate.slices.some((slice) => !slice.accuracy)) {
      return { gate: 'slices', passed: false, message: 'there are slices without an accuracy' };
    }
    const judged = slicesToJudge(facts).flatMap(
      ({ slice, value: name, accuracy: found, count }) => {
        if (!found) return [];
        const pValue = binomialTail(Math.round(found.value * count), count, atLeast);
        const { value, low, high } = found;
        return [{ name: `${slice} ${name}`, count, value, low, high, pValue }];
      },
    );
    return judgeSlices(judged, { label: accuracy.label, limit: atLeast, bad: 'below' });
  },
});
