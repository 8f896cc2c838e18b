import type { Access, Forge, Repository, Token } from '../state.ts';

/** One request as a route sees it: the token is known and allowed by then. */
export interface ApiRequest {
  readonly forge: Forge;
  readonly repository: Repository;
  readonly token: Token;
  /** The placeholders of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  /** Fields that matter; those that the description requires beside them are filled in. */
  readonly body?: unknown;
  /** Cuts `body`, or its only list, into pages and links them. */
  readonly paged?: boolean;
  readonly bytes?: Buffer;
  readonly location?: string;
}

/** One operation of GitHub's API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** As the published description writes it. */
  readonly path: string;
  /** Scopes of which one is enough; none for what every token may read. */
  readonly scopes: readonly string[];
  readonly access: Access;
  handle(request: ApiRequest): Answer | Promise<Answer>;
}

/** An answer that is an error, thrown from anywhere below a route. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(
    status: number,
    message: string,
    errors?: readonly Readonly<Record<string, string>>[],
  ) {
    super(message);
    this.answer = {
      status,
      body: {
        message,
        documentation_url,
        ...(errors ? { errors: errors.map((error) => ({ code: 'custom', ...error })) } : {}),
      },
    };
  }
}

const documentation_url = 'https://docs.github.com/rest';

/** @throws Refusal 404, as GitHub answers for what is missing */
export function found<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Refusal(404, 'Not Found');
  return value;
}

/** A field of a request's body as text. @throws Refusal 422 */
export function text(body: Readonly<Record<string, unknown>>, field: string): string {
  const value = body[field];
  if (typeof value === 'string') return value;
  throw new Refusal(422, `Invalid request.\n\n"${field}" wasn't supplied.`);
}
