import { MainstemError } from '../platform/lib/errors.ts';

/** The error for a request that cannot be understood. @param reason completes "The request is not as expected: …" */
export function invalidRequest(reason: string): MainstemError {
  return new MainstemError('REQUEST_INVALID', { reason });
}
