import { Type } from 'typebox';
import { renderPoints } from '../../lib/render-number.ts';
import type { Comparison, GateResult } from '../../schemas/index.ts';
import { accuracy } from '../metrics/accuracy.ts';
import { defineGate } from './gate.ts';
import { checkMetric } from './metric-limit.ts';

/**
 * Non-inferiority: the lower end of the difference's 95 % interval must lie above −margin. Without a single
 * example that became wrong it passes whatever the interval says, so that the same model passes again.
 */
export const notWorse = defineGate({
  name: 'not worse',
  sentence:
    'On the test examples that both answered, the 95 % interval of candidate − champion lies above −margin; the first model passes, one that cannot be compared fails, and so does one that gets no further example wrong.',
  schema: Type.Object(
    {
      metric: Type.Literal(accuracy.name),
      notWorseBy: Type.Number({
        minimum: 0,
        description: 'the loss that is still accepted, as a share: 0.05 is 5 percentage points',
      }),
    },
    { additionalProperties: false },
  ),
  example: { metric: accuracy.name, notWorseBy: 0.05 },
  check: ({ metric }, scope) => checkMetric(metric, scope),
  judge: ({ metric, notWorseBy }, { champion, comparison, incomparable }) => {
    const asked = {
      gate: `${metric} not worse`,
      of: metric,
      limit: `Δ > ${renderPoints(-notWorseBy)}`,
    };
    if (incomparable !== null) {
      return { ...asked, passed: false, message: `cannot be compared: ${incomparable}` };
    }
    if (!champion) return { ...asked, passed: true, message: 'no champion yet' };
    if (!comparison || comparison.examples === 0) {
      const message = 'cannot tell: champion and candidate share no test example';
      return { ...asked, passed: false, message };
    }
    return { ...asked, ...judgeDifference(metric, notWorseBy, comparison) };
  },
});

function judgeDifference(
  metric: string,
  margin: number,
  { difference, low, high, broken, examples }: Comparison,
): Pick<GateResult, 'passed' | 'message'> {
  if (broken === 0) {
    const facts = `${renderPoints(difference)} on ${examples} shared examples`;
    return { passed: true, message: `no example became wrong (${facts})` };
  }
  const passed = low > -margin;
  const limit = renderPoints(-margin);
  const judgement = passed
    ? `above ${limit}`
    : high < -margin
      ? `below ${limit}`
      : `${examples} shared examples cannot rule out ${limit}`;
  const interval = `95 % ${renderPoints(low)} to ${renderPoints(high)}`;
  return { passed, message: `${metric} ${renderPoints(difference)}, ${interval}: ${judgement}` };
}
