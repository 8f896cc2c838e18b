import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { printable } from '../../../lib/printable.ts';
import { readLimited } from '../../../lib/read-limited.ts';
import { shorten } from '../../../lib/text.ts';
import { ForeignAnswer } from '../http/foreign-answer.ts';

/** The registry answered with an error. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, words: string) {
    super(words);
    this.name = 'Refused';
    this.status = status;
  }
}

/** Something else answered in the registry's place. */
export function foreignAnswer(status: number): Refused {
  return new Refused(status, new ForeignAnswer('registry').message);
}

/**
 * Checks that a registry did what it was asked for: each request has one status for that, and a proxy or login page
 * that says 200 to anything has not.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints
 * @throws Refused
 */
export async function assertDone(answer: Response, status: 201 | 202): Promise<void> {
  await assertOk(answer);
  if (answer.status !== status) throw foreignAnswer(answer.status);
}

/** Throws what the registry says, without its status page. @throws Refused */
export async function assertOk(answer: Response): Promise<void> {
  if (answer.ok) return;
  const words = await readReason(answer);
  throw new Refused(answer.status, `answered ${answer.status}${words ? ` (${words})` : ''}`);
}

const Errors = Type.Object({
  errors: Type.Array(
    Type.Object({ code: Type.Optional(Type.String()), message: Type.Optional(Type.String()) }),
  ),
});
/** What the token server of Docker Hub answers. */
const Details = Type.Object({ details: Type.String() });

const mostErrorBytes = 64 * 1024;
const mostLetters = 200;

/** Why a registry or its token server refused, in its own words, fit to be shown; '' where it says nothing of the kind. */
export async function readReason(answer: Response): Promise<string> {
  return shorten(
    printable(errorWords(await readLimited(answer, mostErrorBytes).catch(() => null))),
    mostLetters,
  );
}

function errorWords(bytes: Uint8Array | null): string {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(bytes ?? undefined));
    if (Check(Errors, body))
      return body.errors.flatMap(({ code, message }) => message || code || []).join('; ');
    return Check(Details, body) ? body.details : '';
  } catch {
    return '';
  }
}
