import { type Static, type TSchema, Type } from 'typebox';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { parseValue } from '../../../platform/lib/json.ts';
import { markdownCode, markdownText } from '../../../platform/lib/markdown.ts';
import { findSchemaFault } from '../../../platform/lib/schema-fault.ts';

const closed = { additionalProperties: false };
const fields = {
  project: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
  /** Identifies one firing of one alert, for example a digest over its labels and when it began. */
  fingerprint: Type.String({ pattern: '^[0-9a-f]{8,64}$' }),
  alert: Type.String({ minLength: 1, maxLength: 200 }),
  /** For people: what was measured. */
  reason: Type.Optional(Type.String({ maxLength: 1000 })),
};

/** The `client_payload` of a `repository_dispatch`: whoever holds a token may send one, so it is closed and short. */
export const RetrainPayload = Type.Object(fields, closed);
export type RetrainPayload = Static<typeof RetrainPayload>;

/** The same for a revert, with the promotion that the alert is about. */
export const RevertPayload = Type.Object(
  { ...fields, version: Type.String({ pattern: '^[0-9a-f]{12}$' }) },
  closed,
);
export type RevertPayload = Static<typeof RevertPayload>;

/** Parses the payload of a `repository_dispatch`. @throws MainstemError PAYLOAD_INVALID naming the first wrong place */
export function parsePayload<T extends TSchema>(payload: unknown, schema: T): Static<T> {
  const fault = findSchemaFault(schema, payload);
  if (fault) throw new MainstemError('PAYLOAD_INVALID', { ...fault });
  return parseValue(payload, schema, 'client_payload');
}

/** For a pull request, as Markdown: which alert, and what it measured. */
export function alertWords({ alert, fingerprint, reason }: RetrainPayload): string {
  const told = reason ? `: ${markdownText(reason)}` : '.';
  return `The alert ${markdownCode(alert)} (${markdownCode(fingerprint)})${told}`;
}
