import { context } from '@actions/github';
import { Type } from 'typebox';
import type { RetrainCause } from '../../../pipeline/operations/decide-retraining.ts';
import { parseValue } from '../../../platform/lib/json.ts';
import { markdownCode, markdownText } from '../../../platform/lib/markdown.ts';

/** The `client_payload` of a `repository_dispatch`: whoever holds a token may send one, so it is closed and short. */
export const RetrainPayload = Type.Object(
  {
    project: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    /** Identifies one firing of one alert, for example a digest over its group and when it began. */
    fingerprint: Type.String({ pattern: '^[0-9a-f]{8,64}$' }),
    alert: Type.String({ minLength: 1, maxLength: 200 }),
    /** For people: what was measured. */
    reason: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  { additionalProperties: false },
);

/** Why this workflow runs. */
export interface Cause {
  readonly kind: RetrainCause;
  readonly fingerprint: string | null;
  /** The project that an alert names; null for other causes. */
  readonly project: string | null;
  /** For the pull request, as Markdown. */
  readonly words: string;
}

/** The cause, from the event alone. @throws MainstemError JSON_INVALID for a payload that is not as it must be */
export function retrainCause(): Cause {
  const none = { fingerprint: null, project: null };
  if (context.eventName === 'schedule') {
    return { kind: 'schedule', ...none, words: 'The schedule: new data is looked for every week.' };
  }
  if (context.eventName !== 'repository_dispatch') {
    return { kind: 'person', ...none, words: `${markdownCode(context.actor)} asked for it.` };
  }
  const payload = parseValue(context.payload.client_payload, RetrainPayload, 'client_payload');
  const { project, fingerprint, alert, reason } = payload;
  const told = reason ? `: ${markdownText(reason)}` : '.';
  const words = `The alert ${markdownCode(alert)} (${markdownCode(fingerprint)})${told}`;
  return { kind: 'alert', fingerprint, project, words };
}
