import { Type } from 'typebox';
import { logLoss } from '../metrics/log-loss.ts';
import { defineGate } from './gate.ts';
import { checkLimit, judgeMetric, judgeShownMetric } from './metric-limit.ts';

/** A metric must not exceed a value. */
export const metricCeiling = defineGate({
  name: 'metric ceiling',
  sentence:
    'The metric of the candidate is at most the limit; of the calibration error at most what chance gives so few examples, if that is more.',
  schema: Type.Object(
    {
      metric: Type.String({ description: 'the name of a metric' }),
      atMost: Type.Number({
        description: 'the highest value that passes, of a metric that is better lower',
      }),
    },
    { additionalProperties: false },
  ),
  example: { metric: logLoss.name, atMost: 0.3 },
  check: checkLimit,
  judge: ({ metric, atMost }, facts) => judgeMetric(metric, atMost, 'below', facts),
  judgeHeldBack: ({ metric, atMost }, facts) => judgeShownMetric(metric, atMost, 'below', facts),
});
