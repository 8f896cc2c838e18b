import { Type } from 'typebox';
import { Check } from 'typebox/value';

/** The registry answered with an error. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, words: string) {
    super(words);
    this.name = 'Refused';
    this.status = status;
  }
}

/** Throws what the registry says, without its status page. @throws Refused */
export async function assertOk(answer: Response): Promise<void> {
  if (answer.ok) return;
  const words = errorWords(await answer.text().catch(() => ''));
  throw new Refused(answer.status, `answered ${answer.status}${words ? ` (${words})` : ''}`);
}

const Errors = Type.Object({
  errors: Type.Array(
    Type.Object({ code: Type.Optional(Type.String()), message: Type.Optional(Type.String()) }),
  ),
});

function errorWords(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (!Check(Errors, body)) return '';
    return body.errors.map(({ code, message }) => message || code).join('; ');
  } catch {
    return '';
  }
}
