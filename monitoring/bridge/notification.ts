import { type Static, Type } from 'typebox';
import { dictionary } from '../../platform/lib/dictionary.ts';

const day = '\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])';
const time = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?';

const Status = Type.Enum(['firing', 'resolved']);

/**
 * What Alertmanager posts to a webhook, version 4, as far as the bridge reads it. Fields that a newer release adds are let
 * through.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export const Notification = Type.Object({
  version: Type.Literal('4'),
  status: Status,
  groupKey: Type.String({ minLength: 1, maxLength: 8192 }),
  alerts: Type.Array(
    Type.Object({
      status: Status,
      labels: dictionary(Type.String({ maxLength: 4096 })),
      annotations: dictionary(Type.String({ maxLength: 16_384 })),
      startsAt: Type.String({ pattern: `^${day}T${time}(Z|[+-]\\d\\d:\\d\\d)$` }),
      fingerprint: Type.String({ pattern: '^[0-9a-f]{1,64}$' }),
    }),
    { maxItems: 1000 },
  ),
});
export type Notification = Static<typeof Notification>;
