import { Type } from 'typebox';
import { accuracy } from '../metrics/accuracy.ts';
import { defineGate } from './gate.ts';
import { checkLimit, judgeMetric, judgeShownMetric } from './metric-limit.ts';

/** A metric must reach a value. */
export const metricFloor = defineGate({
  name: 'metric floor',
  sentence: 'The metric of the candidate is at least the limit.',
  schema: Type.Object(
    {
      metric: Type.String({ description: 'the name of a metric' }),
      atLeast: Type.Number({
        description: 'the lowest value that passes, of a metric that is better higher',
      }),
    },
    { additionalProperties: false },
  ),
  example: { metric: accuracy.name, atLeast: 0.92 },
  check: checkLimit,
  judge: ({ metric, atLeast }, facts) => judgeMetric(metric, atLeast, 'above', facts),
  judgeHeldBack: ({ metric, atLeast }, facts) => judgeShownMetric(metric, atLeast, 'above', facts),
});
