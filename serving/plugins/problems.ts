import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { IsSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { ErrorCode } from '../../platform/lib/error-codes.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { hideSecrets, hideUrlSecrets } from '../../platform/lib/hide-secrets.ts';
import { findSchemaFault } from '../../platform/lib/schema-fault.ts';
import { shorten } from '../../platform/lib/text.ts';
import { isProtocolUrl } from '../is-protocol-url.ts';
import { placeOf } from '../place-of.ts';
import type { Problem } from '../schemas.ts';
import { STATUS_CODES } from './node-http.ts';
import { securityHeaders } from './security.ts';

/** Error code → HTTP status. Any other code is the server's fault: 500. */
const statuses: Partial<Record<ErrorCode, number>> = {
  IMAGE_UNREADABLE: 422,
  IMAGE_LINE: 422,
  IMAGE_TOO_LARGE: 413,
  IMAGE_TOO_SLOW: 413,
  ROW_INVALID: 422,
  TABLE_VALUE_INVALID: 422,
  SERVING_OUTPUT_INVALID: 422,
  REQUEST_INVALID: 400,
  REQUEST_METHOD: 405,
  REQUEST_SLOW: 408,
  REQUEST_TOO_LARGE: 413,
  REQUEST_TOO_MANY: 413,
  REQUEST_TYPE: 415,
  REQUEST_ENCODING: 415,
  REQUEST_HOST: 421,
  REQUEST_HEADERS: 431,
  REQUEST_ABORTED: 499,
  REQUEST_CROSS_SITE: 403,
  ACCESS_KEY_MISSING: 401,
  ACCESS_KEY_UNKNOWN: 401,
  ACCESS_KEY_EXPIRED: 401,
  ACCESS_TOKEN_INVALID: 401,
  ACCESS_SCOPE_MISSING: 403,
  ACCESS_RATE_LIMIT: 429,
  ACCESS_LOGIN_LIMIT: 429,
  ACCESS_ISSUER_UNREACHABLE: 503,
  MODEL_UNKNOWN: 404,
  MODEL_VERSION_UNKNOWN: 404,
  ROUTE_UNKNOWN: 404,
  EXPLAIN_OFF: 403,
  EXPLAIN_TOO_SLOW: 503,
  FEEDBACK_LABEL_UNKNOWN: 422,
  FEEDBACK_ID_UNKNOWN: 404,
  FEEDBACK_OF_NUMBERS: 422,
  FEEDBACK_OFF: 403,
  FEEDBACK_FULL: 507,
  FEEDBACK_DISK_FULL: 507,
  FEEDBACK_UNWRITABLE: 503,
  FEEDBACK_DAILY_LIMIT: 429,
  SERVING_BUSY: 503,
  SERVING_WORKER_FAILED: 503,
  SERVING_MODEL_UNLOADABLE: 503,
  SERVING_LOAD_SLOW: 503,
  SERVING_MODEL_TOO_LARGE: 507,
};

/** The HTTP status of the response to an error: 500 unless the request caused it or it will pass. */
export const statusOf = (error: MainstemError): number => statuses[error.code] ?? 500;

/** What was logged when it happened, or is no failure: not worth a line for each request that meets it. */
const unlogged: ReadonlySet<ErrorCode> = new Set([
  ...(['SERVING_BUSY', 'SERVING_LOAD_SLOW', 'SERVING_MODEL_UNLOADABLE'] as const),
  'SERVING_MODEL_TOO_LARGE',
]);

/** Whether an error is worth a line of the log: the server has failed, and is not merely busy. */
export const isOwnFault = (error: MainstemError): boolean =>
  statusOf(error) >= 500 && !unlogged.has(error.code);

/** Seconds after which a request that was refused for now may be sent again. */
export function retrySecondsOf({ code, details }: MainstemError): number {
  return code === 'SERVING_MODEL_UNLOADABLE' ? Number(details.seconds) : 1;
}

/**
 * Translates an error of the framework or a library into a MainstemError. The text of an unknown error is not exposed.
 *
 * @returns an error with code SERVING_FAILED if the request did not cause it.
 */
export function translateError(error: FastifyError | Error): MainstemError {
  if (isMainstemError(error)) return error;
  const { statusCode, code } = error as FastifyError;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const reason = wordsOf(code, statusCode) ?? shorten(error.message, 200);
    return new MainstemError('REQUEST_INVALID', { reason }, { cause: error });
  }
  const reason = 'an unexpected error; see the log';
  return new MainstemError('SERVING_FAILED', { reason }, { cause: error });
}

/** What the framework says in words of its own. */
function wordsOf(code: string, statusCode: number): string | null {
  if (code === 'FST_ERR_BAD_URL')
    return 'its path is not valid: % must be followed by two digits of a byte, and the bytes must be UTF-8';
  return statusCode === 403 ? 'its path leads out of the folder that is served' : null;
}

/**
 * An error as RFC 9457 problem details. What it repeats of the request is without what looks like a secret.
 *
 * @param url of the request.
 * @example buildProblem(new MainstemError('SERVING_BUSY', { reason: '…' }), '/predict').status // 503
 */
export function buildProblem(error: MainstemError, url: string): Problem {
  return {
    type: `urn:mainstem:error:${error.code}`,
    title: error.code.toLowerCase().replaceAll('_', ' '),
    status: statusOf(error),
    detail: shorten(hideSecrets(error.message), 1000),
    code: error.code,
    hint: error.hint,
    instance: shorten(hideUrlSecrets(url), 200),
    ...placeOf(error),
  };
}

/** An error in the words of the Open Inference Protocol, over REST and gRPC. */
export function protocolText({ message, hint }: MainstemError): string {
  return shorten(`${hideSecrets(message)} ${hint}`, 1000);
}

/** A response to an error, whoever writes it. */
export interface ErrorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The response to an error: problem details, or the error object of the Open Inference Protocol for its URLs.
 *
 * @param url of the request; '' if it could not be read.
 */
export function buildErrorResponse(error: MainstemError, url: string): ErrorResponse {
  const protocol = isProtocolUrl(url);
  const value = protocol ? { error: protocolText(error) } : buildProblem(error, url);
  const body = JSON.stringify(value);
  return {
    status: statusOf(error),
    headers: {
      ...securityHeaders,
      // KServe's client reads the reason only from an answer of this very type, without a charset.
      'content-type': protocol ? 'application/json' : 'application/problem+json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      ...headersOf(error),
    },
    body,
  };
}

function headersOf(error: MainstemError): Record<string, string> {
  if (statusOf(error) === 503) return { 'retry-after': String(retrySecondsOf(error)) };
  if (statusOf(error) === 401) return { 'www-authenticate': challengeOf(error) };
  if (error.code === 'ACCESS_SCOPE_MISSING')
    return {
      'www-authenticate': `${challenge}, error="insufficient_scope", scope="${error.details.scope}"`,
    };
  if (error.code === 'REQUEST_METHOD') return { allow: String(error.details.allowed) };
  if (error.code === 'REQUEST_ENCODING') return { 'accept-encoding': 'identity' };
  return {};
}

const challenge = 'Bearer realm="mainstem"';

/** As RFC 6750 says: a request without a key gets no error code. */
function challengeOf({ code }: MainstemError): string {
  return code === 'ACCESS_KEY_MISSING' ? challenge : `${challenge}, error="invalid_token"`;
}

/** The same response as the text of an HTTP message that ends its connection. */
export function renderErrorResponse(error: MainstemError): string {
  const { status, headers, body } = buildErrorResponse(error, '');
  const lines = Object.entries({ ...headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n');
}

/** Answers every error of a route or a hook. @param onProblem called for every error. */
export function addProblems(
  app: FastifyInstance,
  onProblem: (error: MainstemError, request: FastifyRequest) => void,
): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = explainBody(error, request) ?? translateError(error);
    if (isOwnFault(known)) {
      request.log.error({ err: error }, known.message);
    }
    onProblem(known, request);
    // The framework closes the connection after an error in a body; it is read to its end instead.
    reply.removeHeader('connection');
    return sendError(known, request, reply);
  });
}

/** How a route declares bodies of several types. */
const ByType = Type.Object({
  content: Type.Object({ 'application/json': Type.Object({ schema: Type.Unknown() }) }),
});

/** What is wrong with a body, in the words that everything else has for it; null for another error. */
function explainBody(error: FastifyError, request: FastifyRequest): MainstemError | null {
  const declared = request.routeOptions.schema?.body;
  const schema = Check(ByType, declared) ? declared.content['application/json'].schema : declared;
  if (error.validationContext !== 'body' || !IsSchema(schema)) return null;
  const fault = findSchemaFault(schema, request.body);
  if (!fault) return null;
  // Texts are not repeated: one of them may be a key.
  const found = /^["{[]/.test(fault.value) ? '' : ` is ${fault.value}, but`;
  const reason = `${fault.key}${found} must be ${fault.allowed}`;
  return new MainstemError('REQUEST_INVALID', { reason }, { cause: error });
}

/** Sends the response to an error. */
export function sendError(
  error: MainstemError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, headers, body } = buildErrorResponse(error, request.url);
  return reply.code(status).headers(headers).serializer(String).send(body);
}
