import { Type } from 'typebox';
import type { SliceResult } from '../../schemas/index.ts';
import { accuracy } from '../metrics/accuracy.ts';
import { defineGate, type GateFacts, type GateMistake, type GateScope } from './gate.ts';
import { renderLimit } from './render-limit.ts';

/** Every slice must reach an accuracy, so that an average cannot hide a weak spot. */
export const sliceFloor = defineGate({
  name: 'slice floor',
  sentence:
    'The accuracy of every slice with at least `minimumCount` examples is at least the limit.',
  schema: Type.Object(
    {
      slices: Type.Literal(accuracy.name),
      atLeast: Type.Number({ description: 'the lowest accuracy of a slice that passes' }),
    },
    { additionalProperties: false },
  ),
  example: { slices: accuracy.name, atLeast: 0.8 },
  check: (_, scope) => checkSlices(scope),
  judge: ({ atLeast }, facts) => {
    const gate = 'slices';
    const measured = slicesOf(facts);
    if (facts.candidate.slices.length > measured.length) {
      return { gate, passed: false, message: 'there are slices without an accuracy' };
    }
    const [lowest] = measured
      .filter(({ count, minimumCount }) => count >= minimumCount)
      .sort((a, b) => a.share - b.share);
    if (!lowest) {
      return { gate, passed: true, message: 'no slice has enough examples to be judged' };
    }
    const passed = lowest.share >= atLeast;
    const limit = `${passed ? '≥' : '<'} ${renderLimit(atLeast)}`;
    const found = `lowest slice accuracy ${renderLimit(lowest.share)} ${limit}`;
    return { gate, passed, message: `${found} (${lowest.name}, ${lowest.count} examples)` };
  },
});

function checkSlices({ task, slices }: GateScope): GateMistake | null {
  const left = { key: 'slices', reason: '' };
  if (!accuracy.tasks.some((known) => known === task)) {
    return { ...left, reason: `must be left out: a slice has no accuracy for task ${task}` };
  }
  return slices ? null : { ...left, reason: 'must be left out: the project names no slices' };
}

/** The slices that have an accuracy. */
function slicesOf({ candidate, slices }: GateFacts) {
  const minimumOf = ({ slice }: SliceResult) =>
    slices.find(({ column }) => column === slice)?.minimumCount ?? 0;
  return candidate.slices.flatMap((result) => {
    if (!result.accuracy) return [];
    const name = `${result.slice} ${result.value}`;
    const { count } = result;
    return [{ name, count, share: result.accuracy.value, minimumCount: minimumOf(result) }];
  });
}
