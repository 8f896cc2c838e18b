import type { FastifyError, FastifyInstance } from 'fastify';
import type { ErrorCode } from '../../platform/lib/error-codes.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { imageMediaTypes } from '../../platform/transforms/index.ts';
import type { Problem } from '../schemas.ts';

/** Error code → HTTP status. Any other code is the server's fault: 500. */
const statuses: Partial<Record<ErrorCode, number>> = {
  IMAGE_UNREADABLE: 422,
  IMAGE_TOO_LARGE: 413,
  ROW_INVALID: 422,
  TABLE_VALUE_INVALID: 422,
  SERVING_OUTPUT_INVALID: 422,
  REQUEST_INVALID: 400,
  REQUEST_TOO_LARGE: 413,
  REQUEST_TOO_MANY: 413,
  REQUEST_TYPE: 415,
  REQUEST_CROSS_SITE: 403,
  MODEL_UNKNOWN: 404,
  ROUTE_UNKNOWN: 404,
  FEEDBACK_LABEL_UNKNOWN: 422,
  FEEDBACK_OFF: 403,
  FEEDBACK_FULL: 507,
  FEEDBACK_DISK_FULL: 507,
  FEEDBACK_DAILY_LIMIT: 429,
  SERVING_BUSY: 503,
};

/** The HTTP status of the response to an error: 500 unless the request caused it. */
export const statusOf = (error: MainstemError): number => statuses[error.code] ?? 500;

/**
 * Translates an error of the framework or a library into a MainstemError. The text of an unknown error is not exposed.
 *
 * @param limits largest request.
 * @returns an error with code SERVING_FAILED if the request did not cause it.
 */
export function translateError(
  error: FastifyError | Error,
  limits: { readonly bodyBytes: number; readonly files: number },
): MainstemError {
  if (isMainstemError(error)) return error;
  const { code, statusCode } = error as FastifyError;
  if (statusCode === 415 || code === 'FST_INVALID_MULTIPART_CONTENT_TYPE') {
    const allowed = `${imageMediaTypes.join(', ')}, multipart/form-data or application/json`;
    return new MainstemError('REQUEST_TYPE', { type: 'this content type', allowed });
  }
  if (code === 'FST_FILES_LIMIT' || code === 'FST_PARTS_LIMIT' || code === 'FST_FIELDS_LIMIT') {
    return new MainstemError('REQUEST_TOO_MANY', { limit: limits.files, unit: 'files' });
  }
  if (statusCode === 413)
    return new MainstemError('REQUEST_TOO_LARGE', { limit: limits.bodyBytes });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new MainstemError('REQUEST_INVALID', { reason: error.message }, { cause: error });
  }
  const reason = 'an unexpected error; see the log';
  return new MainstemError('SERVING_FAILED', { reason }, { cause: error });
}

/**
 * An error as RFC 9457 problem details.
 *
 * @param instance path of the request.
 * @example buildProblem(new MainstemError('SERVING_BUSY', { waiting: 256 }), '/predict').status // 503
 */
export function buildProblem(error: MainstemError, instance: string): Problem {
  const { file, row } = error.details;
  return {
    type: `urn:mainstem:error:${error.code}`,
    title: error.code.toLowerCase().replaceAll('_', ' '),
    status: statusOf(error),
    detail: error.message,
    code: error.code,
    hint: error.hint,
    instance,
    ...(typeof file === 'number' ? { file } : {}),
    ...(typeof row === 'number' ? { row } : {}),
  };
}

/** Answers every error with problem details, and unknown routes with 404. @param onProblem called for every error. */
export function addProblems(
  app: FastifyInstance,
  limits: { readonly bodyBytes: number; readonly files: number },
  onProblem: (error: MainstemError, url: string) => void,
): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = translateError(error, limits);
    const status = statusOf(known);
    if (status >= 500) request.log.error({ err: error }, known.message);
    onProblem(known, request.url);
    if (status === 503) reply.header('retry-after', '1');
    return reply
      .code(status)
      .type('application/problem+json')
      .send(buildProblem(known, request.url));
  });
  app.setNotFoundHandler((request, reply) => {
    const { method, url } = request;
    const error = new MainstemError('ROUTE_UNKNOWN', { method, path: url.split('?', 1)[0] });
    return reply.code(404).type('application/problem+json').send(buildProblem(error, url));
  });
}
