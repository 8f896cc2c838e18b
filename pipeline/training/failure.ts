import { type ErrorCode, errorCodes } from '../../platform/lib/error-codes.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { Failure } from './messages.ts';

/** Converts an error to plain data, to send it between processes. */
export function describeFailure(error: unknown): Failure {
  if (isMainstemError(error)) {
    const { code, details, message } = error;
    return { code, details, message };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: null, details: {}, message };
}

/** Restores an error from plain data; any error but a MainstemError becomes TRAINING_FAILED. */
export function failureError({ code, details, message }: Failure): MainstemError {
  if (isErrorCode(code)) return MainstemError.again(code, details);
  const [reason = ''] = message.split('\n');
  return new MainstemError('TRAINING_FAILED', { reason, stack: message });
}

function isErrorCode(code: string | null): code is ErrorCode {
  return code !== null && code in errorCodes;
}
