import { describe, expect, test } from 'vitest';
import { checkGate } from '../../../../../platform/quality/gates/check-gate.ts';
import { qualityMetrics } from '../../../../../platform/quality/index.ts';

describe.each(qualityMetrics)('a limit of $name', ({ name, better, range, tasks }) => {
  const [least, greatest] = range;
  const limit = Number.isFinite(least) ? least : greatest;
  const check = (key: string) => {
    return tasks.map((task) => {
      const scope = { task, outOfDistribution: true, slices: true };
      return checkGate({ metric: name, [key]: limit }, scope);
    });
  };
  const [right, wrong] = better === 'higher' ? ['atLeast', 'atMost'] : ['atMost', 'atLeast'];

  test(`is ${right} in every task that has it, since it is better ${better}`, () => {
    for (const mistake of check(right)) expect(mistake).toBeNull();
  });

  test(`is not ${wrong}: that would let worse models pass and refuse better ones`, () => {
    const reason = `is ${limit}, but must be called ${right}: the ${better} ${name} is, the better`;
    for (const mistake of check(wrong)) expect(mistake).toEqual({ key: wrong, reason });
  });
});
