import { type ErrorCode, errorCodes } from '../../platform/lib/error-codes.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { Failure } from './messages.ts';

/** An error as plain data. */
export function describeFailure(error: unknown): Failure {
  if (isMainstemError(error)) {
    const { code, details, message } = error;
    return { code, details, message };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: null, details: {}, message };
}

/** The error again; one that was not ours becomes TRAINING_FAILED. */
export function failureError({ code, details, message }: Failure): MainstemError {
  if (isErrorCode(code)) return new MainstemError(code, details);
  const [reason = ''] = message.split('\n');
  return new MainstemError('TRAINING_FAILED', { reason, stack: message });
}

function isErrorCode(code: string | null): code is ErrorCode {
  return code !== null && code in errorCodes;
}
