import { Type } from 'typebox';
import { defineGate } from './gate.ts';
import { renderLimit } from './render-limit.ts';

/** A budget: how long one answer may take. */
export const latency = defineGate({
  name: 'latency',
  sentence: 'The packaged model answers 95 % of single examples in at most so many milliseconds.',
  schema: Type.Object(
    {
      latencyMs: Type.Number({
        exclusiveMinimum: 0,
        description: 'milliseconds for one example, 95th percentile, preprocessing excluded',
      }),
    },
    { additionalProperties: false },
  ),
  example: { latencyMs: 20 },
  judge: ({ latencyMs: limit }, { package: { latencyMs } }) => {
    const passed = latencyMs.p95 <= limit;
    const times = `${renderLimit(latencyMs.p95)} ms ${passed ? '≤' : '>'} ${renderLimit(limit)} ms`;
    const asked = { of: 'latencyMs', limit: `≤ ${renderLimit(limit)} ms` };
    return { gate: 'latency', passed, message: `latency p95 ${times}`, ...asked };
  },
});
