import { Type } from 'typebox';
import { Default } from 'typebox/value';
import { dictionary } from '../platform/lib/dictionary.ts';
import { MainstemError } from '../platform/lib/errors.ts';
import { findSchemaFault } from '../platform/lib/schema-fault.ts';
import { defaulted, type Resolved, type Written } from '../platform/schemas/defaulted.ts';
import { metrics } from './metrics.ts';

const closed = { additionalProperties: false };
const share = (description: string) =>
  Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description });
const window = (description: string) => Type.String({ pattern: '^[1-9][0-9]*[mhd]$', description });

const Latency = Type.Object(
  {
    seconds: defaulted(
      Type.Number({ description: 'an answer is in time within; a bucket of the histogram' }),
      1,
    ),
    share: defaulted(share('of all answers that are in time'), 0.99),
  },
  { ...closed, default: {} },
);

const Slower = Type.Object(
  {
    times: defaulted(
      Type.Number({ minimum: 1, description: 'as many times as production an answer may take' }),
      2,
    ),
    seconds: defaulted(Type.Number({ minimum: 0, description: 'and so many seconds more' }), 0.01),
  },
  { ...closed, default: {} },
);

const Objectives = Type.Object(
  {
    availability: defaulted(
      share('of requests for an answer that the server does not fail (5xx), over 30 days'),
      0.995,
    ),
    latency: defaulted(Latency, {}),
    fewestRequests: defaulted(
      Type.Integer({
        minimum: 1,
        description: 'in the longer window, below which a burn rate says nothing',
      }),
      100,
    ),
    window: defaulted(
      window(
        'over which inputs and answers are compared with the reference; longer for few inputs',
      ),
      '6h',
    ),
    fewestInputs: defaulted(
      Type.Integer({ minimum: 1, description: 'in the window, below which there is no verdict' }),
      100,
    ),
    falseAlarms: defaulted(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 0.05,
        description: 'share of verdicts on a model that may be wrong by chance',
      }),
      0.01,
    ),
    drift: defaulted(
      Type.Number({ minimum: 0, description: 'smallest stability index worth an alert' }),
      0.1,
    ),
    confidenceDrop: defaulted(share('smallest fall of the mean confidence worth an alert'), 0.05),
    refusalRise: defaulted(
      share('smallest rise of the share of refused inputs worth an alert'),
      0.05,
    ),
    feedbackWindow: defaulted(window('over which corrections are counted'), '7d'),
    accuracyDrop: defaulted(
      share('smallest fall of accuracy, as corrections prove it, worth an alert'),
      0.05,
    ),
    fewestJudged: defaulted(
      Type.Integer({
        minimum: 1,
        description: 'answers in a slice that people judged, below which there is no verdict on it',
      }),
      20,
    ),
    trialWindow: defaulted(
      window('over which a version on trial is compared with the one in production'),
      '1h',
    ),
    canaryFailures: defaulted(
      share('smallest rise of the share of requests that a canary fails worth an alert'),
      0.01,
    ),
    canaryDisagreement: defaulted(
      share('of inputs that a canary may answer differently from production'),
      0.25,
    ),
    canarySlower: defaulted(Slower, {}),
    rejected: defaulted(share('of inputs that may be unreadable'), 0.1),
    missing: defaulted(share('of inputs in which a feature may be missing'), 0.2),
    missingIn: defaulted(dictionary(share('of inputs in which this feature may be missing')), {}),
    unloadsPerMinute: defaulted(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'models that a server may unload to make room for others',
      }),
      10,
    ),
    promotedWithin: defaulted(
      window('in which every model should be promoted again; seen where the bridge runs'),
      '365d',
    ),
    runbook: defaulted(
      Type.String({
        pattern: '^https?://[^#\\s]+$',
        description: 'where people read monitoring/runbook.md',
      }),
      'https://github.com/OWNER/REPOSITORY/blob/main/monitoring/runbook.md',
    ),
  },
  closed,
);

/** Every objective, with its default where none was given. */
export type Objectives = Resolved<typeof Objectives>;

/**
 * Checks what somebody promises and fills in the defaults.
 *
 * @throws MainstemError OBJECTIVES_INVALID naming the place and what is allowed there
 * @example defineObjectives({ availability: 0.999 }).latency.share // 0.99
 */
export function defineObjectives(input: Written<typeof Objectives>): Objectives {
  const fault = findSchemaFault(Objectives, input);
  if (fault) {
    const reason = `is ${fault.value}, but must be ${fault.allowed}`;
    throw new MainstemError('OBJECTIVES_INVALID', { where: fault.key, reason });
  }
  const filled = Default(Objectives, structuredClone(input)) as Objectives;
  assertBucket(filled.latency.seconds);
  return filled;
}

/** What lies between two buckets cannot be counted. */
function assertBucket(seconds: number): void {
  const buckets: readonly number[] = metrics.requestDuration.buckets;
  if (buckets.includes(seconds)) return;
  const reason = `is ${seconds}, but must be one of ${buckets.join(', ')}`;
  throw new MainstemError('OBJECTIVES_INVALID', { where: 'latency.seconds', reason });
}
