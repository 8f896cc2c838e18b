import type { RetrainCause } from '../../../pipeline/operations/decide-retraining.ts';
import { markdownCode } from '../../../platform/lib/markdown.ts';
import { alertWords, parsePayload, RetrainPayload } from './alert-payload.ts';
import { context } from './event.ts';

/** Why this workflow runs. */
export interface Cause {
  readonly kind: RetrainCause;
  readonly fingerprint: string | null;
  /** The project that an alert names; null for other causes. */
  readonly project: string | null;
  /** For the pull request, as Markdown. */
  readonly words: string;
}

/** The cause, from the event alone. @throws MainstemError PAYLOAD_INVALID for a payload that is not as it must be */
export function retrainCause(): Cause {
  const none = { fingerprint: null, project: null };
  if (context.eventName === 'schedule') {
    return { kind: 'schedule', ...none, words: 'The schedule: new data is looked for every week.' };
  }
  if (context.eventName !== 'repository_dispatch') {
    return { kind: 'person', ...none, words: `${markdownCode(context.actor)} asked for it.` };
  }
  const payload = parsePayload(context.payload.client_payload, RetrainPayload);
  const { project, fingerprint } = payload;
  return { kind: 'alert', fingerprint, project, words: alertWords(payload) };
}
